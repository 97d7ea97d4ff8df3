package reports

import (
	"encoding/json"
	"strings"
	"testing"
)

// What the clock on the wall says is in no result, and everything else is the same
// whatever it says.
func TestWallClockStandsApart(t *testing.T) {
	document := func(seconds float64) *Document {
		cost := &Table{Title: "cost", Columns: []Column{Number("cycles", "cycles")}}
		cost.Add(12)
		times := &Table{Title: "time", WallClock: true, Columns: []Column{Number("took_s", "took [s]")}}
		times.Add(seconds)
		return &Document{Tables: []*Table{cost, times}}
	}
	without := func(d *Document) (kept, clock string) {
		var text strings.Builder
		if err := d.Write(&text, Style{Format: "json"}); err != nil {
			t.Fatal(err)
		}
		var parts map[string]json.RawMessage
		if err := json.Unmarshal([]byte(text.String()), &parts); err != nil {
			t.Fatal(err)
		}
		clock = string(parts["wall_clock"])
		delete(parts, "wall_clock")
		rest, err := json.Marshal(parts)
		if err != nil {
			t.Fatal(err)
		}
		return string(rest), clock
	}
	one, clock := without(document(1.5))
	other, _ := without(document(2.5))
	if one != other || !strings.Contains(one, `"cycles":12`) || strings.Contains(one, "took_s") {
		t.Errorf("results are\n%s\nand\n%s", one, other)
	}
	if !strings.Contains(clock, "1.5") {
		t.Errorf("the clock says %q", clock)
	}
	alone := document(1.5)
	alone.Tables = alone.Tables[:1]
	if _, clock := without(alone); clock != "" {
		t.Errorf("without a clock it says %q", clock)
	}
}
