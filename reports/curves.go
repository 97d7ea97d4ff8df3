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
}

// Curve is one line of a plot. On a logarithmic axis points that are not
// positive are left out.
type Curve struct {
	Name string
	X, Y []float64
}

// markers is the most points of a curve that are marked one by one.
const markers = 40

// WriteSVG draws the plot.
func (c *Curves) WriteSVG(w io.Writer) error {
	x, y := emptyScale(c.XLabel, c.LogX), emptyScale(c.YLabel, c.LogY)
	var names []string
	points := make([][]point, len(c.Series))
	for i := range c.Series {
		if points[i] = c.points(&c.Series[i]); len(points[i]) > 0 {
			names = append(names, c.Series[i].Name)
		}
		for _, at := range points[i] {
			x.include(at.x)
			y.include(at.y)
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
		p.curve(curve, i)
		lx, ly := p.legend(row, c.Series[i].Name)
		p.printf("<path d=\"M%.1f %.1fh20\" stroke=\"%s\" stroke-width=\"1.6\"/>\n", lx-10, ly, colour(i))
		if len(curve) <= markers {
			p.sign(lx, ly, i)
		}
		row++
	}
	return p.end()
}

// point is one of a curve.
type point struct{ x, y float64 }

// curve draws a line, and signs at its points where they are few.
func (p *picture) curve(points []point, i int) {
	p.printf("<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\" d=\"", colour(i))
	for n, at := range points {
		x, y := p.place(at.x, at.y)
		p.printf("%c%.1f %.1f", "ML"[min(n, 1)], x, y)
	}
	p.printf("\"/>\n")
	if len(points) > markers {
		return
	}
	for _, at := range points {
		x, y := p.place(at.x, at.y)
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
		if math.IsNaN(x+y) || math.IsInf(x+y, 0) || c.LogX && x <= 0 || c.LogY && y <= 0 {
			continue
		}
		out = append(out, point{x, y})
	}
	return out
}
