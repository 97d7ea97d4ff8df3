package peak

import (
	"testing"
	"time"
)

func TestMeasure(t *testing.T) {
	for _, l := range Loops() {
		if r := Measure(l.Kind, time.Millisecond); r < 1e7 || r > 1e15 {
			t.Errorf("%s on %s: %v operations a second", l.Kind, l.Path, r)
		}
	}
	if r := Measure("f8", time.Millisecond); r != 0 {
		t.Errorf("a kind without a loop runs at %v", r)
	}
}
