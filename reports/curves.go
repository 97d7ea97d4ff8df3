package reports

import (
	"fmt"
	"image/color"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
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

// palette is colour-blind safe (Okabe and Ito).
var palette = []color.RGBA{
	{0, 114, 178, 255},
	{213, 94, 0, 255},
	{0, 158, 115, 255},
	{204, 121, 167, 255},
	{230, 159, 0, 255},
	{86, 180, 233, 255},
	{0, 0, 0, 255},
	{153, 153, 153, 255},
	{240, 228, 66, 255},
}

// markers is the most points of a curve that are marked one by one.
const markers = 40

// WriteSVG draws the plot.
func (c *Curves) WriteSVG(w io.Writer) error {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.Title, c.XLabel, c.YLabel
	scaleAxis(&p.X, c.LogX)
	scaleAxis(&p.Y, c.LogY)
	p.Add(plotter.NewGrid())
	for i := range c.Series {
		points := c.points(&c.Series[i])
		if len(points) == 0 {
			continue
		}
		line, marks, err := plotter.NewLinePoints(points)
		if err != nil {
			return fmt.Errorf("curve %q: %w", c.Series[i].Name, err)
		}
		line.Color, marks.Color = palette[i%len(palette)], palette[i%len(palette)]
		line.Width, marks.Radius = vg.Points(1.2), vg.Points(2)
		marks.Shape = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.CrossGlyph{}}[i%4]
		p.Add(line)
		if len(points) > markers {
			p.Legend.Add(c.Series[i].Name, line)
			continue
		}
		p.Add(marks)
		p.Legend.Add(c.Series[i].Name, line, marks)
	}
	if c.LogX {
		widen(&p.X)
	}
	if c.LogY {
		widen(&p.Y)
	}
	return writePlot(w, p)
}

// widen gives a logarithmic axis of one value, or of none, room on both sides. The
// plotter would add and subtract a half, and end below zero.
func widen(a *plot.Axis) {
	switch {
	case a.Min > a.Max:
		a.Min, a.Max = 1, 10
	case a.Min == a.Max:
		a.Min, a.Max = a.Min/2, a.Max*2
	}
}

// writePlot draws a plot, 16 × 11 cm, with its legend in a column to the right.
func writePlot(w io.Writer, p *plot.Plot) error {
	legend := p.Legend
	p.Legend = plot.NewLegend()
	legend.Top, legend.Left, legend.Padding = true, true, vg.Points(3)
	canvas := vgsvg.New(16*vg.Centimeter, 11*vg.Centimeter)
	area := draw.Crop(draw.New(canvas), 0, -vg.Points(6), 0, -vg.Points(4))
	gap := vg.Points(12)
	width := 1.15*legend.Rectangle(area).Size().X + gap // viewers' fonts may be wider
	p.Draw(draw.Crop(area, 0, -width, 0, 0))
	legend.Draw(draw.Crop(area, area.Size().X-width+gap, 0, 0, -vg.Points(20)))
	_, err := canvas.WriteTo(w)
	return err
}

// scaleAxis makes an axis linear or logarithmic.
func scaleAxis(a *plot.Axis, logarithmic bool) {
	a.Tick.Marker = rounds{}
	if logarithmic {
		a.Scale, a.Tick.Marker = plot.LogScale{}, decades{}
	}
}

// points are those of a curve that the axes can show.
func (c *Curves) points(s *Curve) plotter.XYs {
	var out plotter.XYs
	for i := range s.X {
		x, y := s.X[i], s.Y[i]
		if math.IsNaN(x+y) || math.IsInf(x+y, 0) || c.LogX && x <= 0 || c.LogY && y <= 0 {
			continue
		}
		out = append(out, plotter.XY{X: x, Y: y})
	}
	return out
}
