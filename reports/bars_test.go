package reports

import (
	"bytes"
	"strings"
	"testing"
)

func TestBarsLeaveOutEmptyParts(t *testing.T) {
	b := Bars{Title: "power", YLabel: "W", Names: []string{"one", "two"}, Parts: []Part{
		{"amplifiers", []float64{3, 4}}, {"nothing", []float64{0, 0}}, {"converters", []float64{1, 0}},
	}}
	var out bytes.Buffer
	if err := b.WriteSVG(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{"<svg", "amplifiers", "converters", "two"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the drawing", want)
		}
	}
	if strings.Contains(text, "nothing") {
		t.Error("an empty part is drawn")
	}
}
