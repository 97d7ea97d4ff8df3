package engine_test

import (
	"testing"

	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
)

// One fold of a 16×16 array in steps of at least 4 cycles, 7.6 on the mean.
func TestFold(t *testing.T) {
	a := arch.Default(arch.Systolic, 45).Array
	a.StepCycles, a.PairCycles = 4, 7.6
	e, err := engine.NewSystolic(&a)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		rows, positions int64
		want            cost.Stalls
	}{
		{7, 16, cost.Stalls{Compute: 112}},                        // full steps hide the weights
		{22, 23, cost.Stalls{Compute: 506}},                       // 22 × (16 + 7)
		{2, 17, cost.Stalls{Compute: 34, Fill: 6}},                // 2 × (16 + 4)
		{1, 7, cost.Stalls{Compute: 7, WeightLoad: 9}},            // shorter than the shift-in
		{7, 7, cost.Stalls{Compute: 49, WeightLoad: 9}},           // 58 > 7 × 7.6
		{4, 4, cost.Stalls{Compute: 16, WeightLoad: 12, Fill: 3}}, // ⌈4 × 7.6⌉ = 31 > 28
		{2, 2, cost.Stalls{Compute: 4, Fill: 4, WeightLoad: 12}},
		{0, 5, cost.Stalls{}},
	} {
		if got := e.Fold(c.rows, c.positions); got != c.want {
			t.Errorf("%d rows of %d: %+v, want %+v", c.rows, c.positions, got, c.want)
		}
	}
}
