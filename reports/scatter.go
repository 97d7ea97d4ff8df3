package reports

import (
	"fmt"
	"io"
	"math"
)

// Scatter sets figures of ours against measured ones on logarithmic axes of one range,
// with the line where they are equal and a band around it.
type Scatter struct {
	Title, XLabel, YLabel string
	Band                  float64 // share to each side of the line; 0 is none
	Series                []Curve // points; what is not positive is left out
}

// WriteSVG draws the plot.
func (s *Scatter) WriteSVG(w io.Writer) error {
	c := Curves{LogX: true, LogY: true}
	axis := emptyScale(s.XLabel, true)
	points := make([][]point, len(s.Series))
	var names []string
	for i := range s.Series {
		points[i] = c.points(&s.Series[i])
		names = append(names, s.Series[i].Name)
		for _, at := range points[i] {
			axis.include(at.x)
			axis.include(at.y)
		}
	}
	axis.settle()
	y := axis
	y.name = s.YLabel
	p := begin(w, s.Title, axis, y, names, 2*letter)
	p.horizontal()
	p.vertical()
	p.guide(1, "")
	if s.Band > 0 {
		p.guide(1-s.Band, " stroke-dasharray=\"5 4\"")
		p.guide(1+s.Band, " stroke-dasharray=\"5 4\"")
	}
	for i, list := range points {
		x, y := p.legend(i, s.Series[i].Name)
		p.sign(x, y, i)
		for _, at := range list {
			x, y := p.place(at.x, at.y)
			p.sign(x, y, i)
		}
	}
	return p.end()
}

// guide draws y = k·x as far as it lies in the area, which has one range for both axes.
func (p *picture) guide(k float64, more string) {
	low, top := p.x.low, p.x.top
	x1, y1 := p.place(low*math.Max(1, 1/k), low*math.Max(1, k))
	x2, y2 := p.place(top*math.Min(1, 1/k), top*math.Min(1, k))
	fmt.Fprintf(p.w, "<path d=\"M%.1f %.1fL%.1f %.1f\" stroke=\"#555\"%s/>\n", x1, y1, x2, y2, more)
}
