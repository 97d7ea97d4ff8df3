package reports

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func TestWriteSVGIsWellFormed(t *testing.T) {
	c := Curves{Title: "error", XLabel: "m", YLabel: "error", LogX: true, LogY: true, Series: []Curve{
		{Name: "a", X: []float64{1, 10, 100}, Y: []float64{1, 0.1, 0.01}},
		{Name: "b", X: []float64{0, 10, math.NaN()}, Y: []float64{1, 0.5, 0.2}},
		{Name: "empty", X: nil, Y: nil},
	}}
	var out bytes.Buffer
	if err := c.WriteSVG(&out); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, &out)
}

// Logarithmic axes of one value, or of none, are drawn.
func TestWriteSVGOfOnePoint(t *testing.T) {
	for _, series := range []Curve{{Name: "one", X: []float64{5}, Y: []float64{0.3}}, {Name: "same", X: []float64{1, 2}, Y: []float64{0.3, 0.3}}, {Name: "zero", X: []float64{5}, Y: []float64{0}}} {
		c := Curves{LogX: true, LogY: true, Series: []Curve{series}}
		var out bytes.Buffer
		if err := c.WriteSVG(&out); err != nil {
			t.Fatalf("%s: %v", series.Name, err)
		}
		wellFormed(t, &out)
	}
}

func wellFormed(t *testing.T, out *bytes.Buffer) {
	t.Helper()
	if !strings.Contains(out.String(), "<svg") {
		t.Fatal("no svg element")
	}
	in := xml.NewDecoder(out)
	for {
		if _, err := in.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
