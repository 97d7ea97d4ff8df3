package reports

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

// Every picture of every document can be a file of its own: well-formed, under a name of
// its own, with the names of what it shows.
func TestChartsAreFiles(t *testing.T) {
	shows := map[string]string{"compare": "machine-two", "run": "stem.conv|1", "mimo": "dashed: closed form", "lut": "fc", "sensitivity": "weights"}
	for name, doc := range documents() {
		names, all := map[string]bool{}, ""
		for _, f := range doc.Figures() {
			var out bytes.Buffer
			if err := f.Write(&out); err != nil {
				t.Fatal(err)
			}
			all += out.String()
			wellFormed(t, &out)
			if names[f.Name] {
				t.Errorf("%s: two pictures are called %s", name, f.Name)
			}
			names[f.Name] = true
		}
		if len(names) > len(doc.Charts) || len(doc.Charts) > 0 && len(names) == 0 {
			t.Errorf("%s: %d pictures of %d charts", name, len(names), len(doc.Charts))
		}
		if want := shows[name]; !strings.Contains(all, want) {
			t.Errorf("%s: no %q in the pictures", name, want)
		}
	}
}

// The front is of the shown axes, whiskers and limits are drawn, and what has no value is
// left out.
func TestPointsOfAFile(t *testing.T) {
	table := &Table{Name: "points", Columns: []Column{Text("m", ""), Number("x", ""), Number("y", ""), Number("lo", ""), Number("hi", "")}}
	table.Add("a", 1.0, 5.0, 4.0, 6.0)
	table.Add("a", 2.0, 6.0, nil, nil) // dominated
	table.Add("b", 3.0, 2.0, 1.0, 3.0)
	table.Add("b", 4.0, nil, nil, nil)
	table.Add("b", math.NaN(), 1.0, nil, nil)
	c := Chart{
		Kind: "points", Title: "p", Table: "points", Label: []string{"m"}, Groups: []string{"m"}, Limits: []Limit{{"x", 3.5, "x<3.5"}}, Guides: []float64{1},
		Axes: []Axis{{Key: "none", Unit: 1}, {Key: "x", Name: "X", Unit: 1, Best: "min"}, {Key: "y", Name: "Y", Unit: 1, Best: "min", Low: "lo", High: "hi"}},
	}
	drawn, ok := c.picture(table.chartRows(nil)).(*Curves)
	if !ok || drawn.XLabel != "X" || drawn.YLabel != "Y" || len(drawn.Series) != 5 {
		t.Fatalf("%+v", drawn)
	}
	front := drawn.Series[2]
	if front.Name != "front" || len(front.X) != 2 || front.X[1] != 3 || front.Y[1] != 2 {
		t.Errorf("front %+v", front)
	}
	if a := drawn.Series[0]; !a.Dots || a.Low[0] != 4 || a.High[0] != 6 || !math.IsNaN(a.Low[1]) {
		t.Errorf("interval of a: %+v", a)
	}
	if limit := drawn.Series[4]; limit.Name != "x<3.5" || limit.X[0] != 3.5 || limit.X[1] != 3.5 {
		t.Errorf("limit %+v", limit)
	}
	var out bytes.Buffer
	if err := drawn.WriteSVG(&out); err != nil {
		t.Fatal(err)
	}
	wellFormed(t, bytes.NewBuffer(bytes.Clone(out.Bytes())))
	if n := strings.Count(out.String(), "<circle") + strings.Count(out.String(), "v6h-6z"); n != 3+2 {
		t.Errorf("%d signs, want three points and two names", n)
	}
	if c.picture(nil) != nil {
		t.Error("no rows have a picture")
	}
}

// Bars below each other keep the ends of long names, and leave out empty parts.
func TestRowsOfAFile(t *testing.T) {
	r := Rows{Title: "t", XLabel: "cycles", Names: []string{"short", strings.Repeat("x", 40) + ".conv2"}, Parts: []Part{{"compute", []float64{3, 1}}, {"nothing", []float64{0, 0}}}}
	var out bytes.Buffer
	if err := r.WriteSVG(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	wellFormed(t, &out)
	if !strings.Contains(text, ">short<") || !strings.Contains(text, "xx.conv2<") || !strings.Contains(text, ">…xx") || strings.Contains(text, "nothing") || strings.Count(text, "<rect") != 1+2+1 {
		t.Error(text)
	}
}
