package reports

import (
	"fmt"
	"io"
)

// Bars is a plot of stacked bars.
type Bars struct {
	Title, YLabel string
	Names         []string // of the bars
	Parts         []Part
}

// Part is one component of every bar.
type Part struct {
	Name   string
	Values []float64 // one for each bar
}

// WriteSVG draws the plot; parts that are zero in every bar are left out.
func (b *Bars) WriteSVG(w io.Writer) error {
	var shown []Part
	var names []string
	tops := make([]float64, len(b.Names))
	for _, part := range b.Parts {
		if sumOf(part.Values) == 0 {
			continue
		}
		shown, names = append(shown, part), append(names, part.Name)
		for i, v := range part.Values {
			tops[i] += v
		}
	}
	x, y := scale{top: float64(len(b.Names))}, emptyScale(b.YLabel, false)
	y.include(0)
	for _, top := range tops {
		y.include(top)
	}
	y.settle()
	p := begin(w, b.Title, x, y, names, 4*letter)
	p.vertical()
	p.names(b.Names)
	base := make([]float64, len(b.Names))
	for n, part := range shown {
		for i, v := range part.Values {
			left, bottom := p.place(float64(i)+0.25, base[i])
			right, top := p.place(float64(i)+0.75, base[i]+v)
			base[i] += v
			p.printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>\n", left, top, right-left, bottom-top, colour(n))
		}
		lx, ly := p.legend(n, part.Name)
		p.printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"10\" fill=\"%s\"/>\n", lx-6, ly-5, colour(n))
	}
	p.line(p.area.left, p.area.bottom, p.area.right, p.area.bottom, "black")
	return p.end()
}

// names writes the names of bars below them, aslant: long ones would run into each other.
func (p *picture) names(names []string) {
	for i, name := range names {
		x, y := p.place(float64(i)+0.5, p.y.low)
		y += letter + 2
		p.text(x, y, "end", name, fmt.Sprintf(" transform=\"rotate(-20 %.1f %.1f)\"", x, y))
	}
}

func sumOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}
