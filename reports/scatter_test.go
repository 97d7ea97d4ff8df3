package reports

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
)

// A point of equal figures lies on the line, one 10 % above on the band, and what the
// axes cannot show is left out.
func TestScatter(t *testing.T) {
	s := Scatter{Title: "t", XLabel: "theirs", YLabel: "ours", Band: 0.1, Series: []Curve{
		{Name: "one", X: []float64{10, 1000, 100, 0, math.NaN()}, Y: []float64{10, 1000, 110, 5, 5}}, {Name: "none"},
	}}
	var b bytes.Buffer
	if err := s.WriteSVG(&b); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if n := strings.Count(text, "<circle"); n != 4 { // three and the legend's
		t.Errorf("%d circles: %s", n, text)
	}
	if n := strings.Count(text, "stroke-dasharray"); n != 2 {
		t.Errorf("%d lines of the band", n)
	}
	var guides [][4]float64
	for _, line := range strings.Split(text, "\n") {
		var g [4]float64
		if n, _ := fmt.Sscanf(line, "<path d=\"M%f %fL%f %f\"", &g[0], &g[1], &g[2], &g[3]); n == 4 {
			guides = append(guides, g)
		}
	}
	if len(guides) != 3 {
		t.Fatalf("%d guides: %s", len(guides), text)
	}
	on := func(g [4]float64, x, y float64) bool {
		return math.Abs(g[1]+(x-g[0])/(g[2]-g[0])*(g[3]-g[1])-y) < 0.2
	}
	var circles [][2]float64
	for _, line := range strings.Split(text, "\n") {
		var c [2]float64
		if n, _ := fmt.Sscanf(line, "<circle cx=\"%f\" cy=\"%f\"", &c[0], &c[1]); n == 2 {
			circles = append(circles, c)
		}
	}
	if circles = circles[1:]; !on(guides[0], circles[0][0], circles[0][1]) || !on(guides[0], circles[1][0], circles[1][1]) || !on(guides[2], circles[2][0], circles[2][1]) {
		t.Errorf("points %v beside lines %v", circles, guides)
	}
}
