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
		{"a", []float64{1, 10, 100}, []float64{1, 0.1, 0.01}},
		{"b", []float64{0, 10, math.NaN()}, []float64{1, 0.5, 0.2}},
		{"empty", nil, nil},
	}}
	var out bytes.Buffer
	if err := c.WriteSVG(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "<svg") {
		t.Fatal("no svg element")
	}
	in := xml.NewDecoder(&out)
	for {
		if _, err := in.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
