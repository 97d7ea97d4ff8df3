package reports

import (
	"io"
	"math"
)

// Curves is a plot of one or more curves over common axes.
type Curves struct {
	Title, XLabel, YLabel string
	LogX, LogY            bool
	Series                []Curve

	references int // so many of the last series have the colours of the first ones
}

// tint is the colour of a series.
func (c *Curves) tint(i int) int {
	if first := len(c.Series) - c.references; i >= first && c.references > 0 {
		return i - first
	}
	return i
}

// Curve is one line of a plot. On a logarithmic axis points that are not
// positive are left out.
type Curve struct {
	Name string
	X, Y []float64
	// Low and High are the ends of an interval of each Y, NaN where there is none; nil
	// draws none.
	Low, High []float64
	Dashed    bool // a reference: without signs
	Dots      bool // signs without a line
}

// legends is the most names that find room beside a picture.
const legends = 20

// markers is the most points of a curve that are marked one by one.
const markers = 40

// WriteSVG draws the plot.
func (c *Curves) WriteSVG(w io.Writer) error {
	x, y := emptyScale(c.XLabel, c.LogX), emptyScale(c.YLabel, c.LogY)
	var names []string
	points := make([][]point, len(c.Series))
	for i := range c.Series {
		if points[i] = c.points(&c.Series[i]); len(points[i]) > 0 && len(names) < legends {
			names = append(names, c.Series[i].Name)
		}
		for _, at := range points[i] {
			x.include(at.x)
			for _, v := range []float64{at.y, at.low, at.high} {
				y.include(v)
			}
		}
	}
	x.settle()
	y.settle()
	p := begin(w, c.Title, x, y, names, 2*letter)
	p.horizontal()
	p.vertical()
	row := 0
	for i, curve := range points {
		if len(curve) == 0 {
			continue
		}
		s := &c.Series[i]
		p.curve(curve, s, c.tint(i))
		if s.Name == "" || row == legends {
			continue
		}
		lx, ly := p.legend(row, s.Name)
		if !s.Dots {
			p.printf("<path d=\"M%.1f %.1fh20\" stroke=\"%s\" stroke-width=\"1.6\"%s/>\n", lx-10, ly, colour(i), s.dashes())
		}
		if s.marked(len(curve)) {
			p.sign(lx, ly, i)
		}
		row++
	}
	return p.end()
}

// point is one of a curve, with the ends of its interval.
type point struct{ x, y, low, high float64 }

// marked tells whether the points of a curve are marked one by one.
func (s *Curve) marked(points int) bool { return s.Dots || !s.Dashed && points <= markers }

func (s *Curve) dashes() string {
	if s.Dashed {
		return ` stroke-dasharray="5 4"`
	}
	return ""
}

// curve draws a line, and signs at its points where they are few.
func (p *picture) curve(points []point, s *Curve, i int) {
	if !s.Dots {
		p.printf("<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\"%s d=\"", colour(i), s.dashes())
		for n, at := range points {
			x, y := p.place(at.x, at.y)
			p.printf("%c%.1f %.1f", "ML"[min(n, 1)], x, y)
		}
		p.printf("\"/>\n")
	}
	if !s.marked(len(points)) {
		return
	}
	for _, at := range points {
		x, y := p.place(at.x, at.y)
		if at.low < at.high {
			_, low := p.place(at.x, at.low)
			_, high := p.place(at.x, at.high)
			p.line(x, low, x, high, colour(i))
		}
		p.sign(x, y, i)
	}
}

// sign marks a point in the shape and colour of the i-th curve.
func (p *picture) sign(x, y float64, i int) {
	switch i % 4 {
	case 0:
		p.printf("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x, y, colour(i))
	case 1:
		p.printf("<path d=\"M%.1f %.1fh6v6h-6z\" fill=\"%s\"/>\n", x-3, y-3, colour(i))
	case 2:
		p.printf("<path d=\"M%.1f %.1fl3.5 6h-7z\" fill=\"%s\"/>\n", x, y-3.5, colour(i))
	default:
		p.printf("<path d=\"M%.1f %.1fl6 6m0-6l-6 6\" stroke=\"%s\" stroke-width=\"1.2\"/>\n", x-3, y-3, colour(i))
	}
}

// points are those of a curve that the axes can show.
func (c *Curves) points(s *Curve) []point {
	var out []point
	for i := range s.X {
		x, y := s.X[i], s.Y[i]
		if !finiteOn(c.LogX, x) || !finiteOn(c.LogY, y) {
			continue
		}
		at := point{x, y, y, y}
		if s.Low != nil && finiteOn(c.LogY, s.Low[i]) {
			at.low = s.Low[i]
		}
		if s.High != nil && finiteOn(c.LogY, s.High[i]) {
			at.high = s.High[i]
		}
		out = append(out, at)
	}
	return out
}

// finiteOn tells whether an axis can show a value.
func finiteOn(logarithmic bool, v float64) bool {
	return !math.IsNaN(v) && !math.IsInf(v, 0) && (!logarithmic || v > 0)
}
