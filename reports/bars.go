package reports

import (
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
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
	p := plot.New()
	p.Title.Text, p.Y.Label.Text = b.Title, b.YLabel
	p.NominalX(b.Names...)
	var below *plotter.BarChart
	shown := 0
	for _, part := range b.Parts {
		if sumOf(part.Values) == 0 {
			continue
		}
		bar, err := plotter.NewBarChart(plotter.Values(part.Values), 10*vg.Centimeter/vg.Length(2*len(b.Names)))
		if err != nil {
			return err
		}
		bar.LineStyle.Width = 0
		bar.Color = palette[shown%len(palette)]
		shown++
		if below != nil {
			bar.StackOn(below)
		}
		below = bar
		p.Add(bar)
		p.Legend.Add(part.Name, bar)
	}
	// Long names would run into each other.
	p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = math.Pi/9, draw.XRight, draw.YTop
	return writePlot(w, p)
}

func sumOf(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}
