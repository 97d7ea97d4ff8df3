package arch

import (
	"math"
	"testing"
)

// The power laws against the points they were fitted to: their errors are those
// that the documentation states.
func TestPowerLawsFitTheTable(t *testing.T) {
	type sum struct{ total, worst, n float64 }
	var read, write, leak, area sum
	add := func(s *sum, got, want float64) {
		e := math.Abs(got/want - 1)
		s.total, s.n, s.worst = s.total+e, s.n+1, math.Max(s.worst, e)
	}
	for key, want := range sramTable() {
		if key.bytes < 1024 || key.bytes*8/key.bits < 64 {
			continue
		}
		got := PowerLawMacro(key.cell, float64(key.nm), key.bytes, key.bits)
		add(&read, got.ReadPJ, want.ReadPJ)
		add(&write, got.WritePJ, want.WritePJ)
		add(&leak, got.LeakMW, want.LeakMW)
		add(&area, got.AreaMM2, want.AreaMM2)
	}
	t.Logf("mean errors: read %.3f, write %.3f, leakage %.3f, area %.3f", read.total/read.n, write.total/write.n, leak.total/leak.n, area.total/area.n)
	near(t, "mean error of reads", read.total/read.n, 0.18, 0.02)
	near(t, "worst error of reads", read.worst, 0.62, 0.03)
	near(t, "mean error of writes", write.total/write.n, 0.14, 0.02)
	if m := leak.total / leak.n; m > 0.1 {
		t.Errorf("mean error of leakage %g", m)
	}
	if m := area.total / area.n; m > 0.13 {
		t.Errorf("mean error of area %g", m)
	}
}
