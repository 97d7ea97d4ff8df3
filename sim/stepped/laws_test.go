package stepped

import (
	"math/rand/v2"
	"testing"

	"bitcycle/arch"
)

// TestRandomCases steps thousands of random products: the integers must be those
// of the triple loop, the cycles those of the closed forms.
func TestRandomCases(t *testing.T) {
	cases := 4000
	if testing.Short() {
		cases = 500
	}
	engines := map[arch.Engine]int{}
	for seed := range cases {
		c := RandomCase(rand.New(rand.NewPCG(uint64(seed), 0)))
		engines[c.Machine.Engine]++
		got, err := c.Run()
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if want := c.expect(); got.Cycles != want {
			t.Fatalf("seed %d: %+v, want %+v\n%+v\n%+v", seed, got.Cycles, want, c.Machine.Array, c.Op)
		}
		if !sameOutputs(got.Outputs, c.product()) {
			t.Fatalf("seed %d: wrong product\n%+v\n%+v", seed, c.Machine.Array, c.Op)
		}
		if a := &c.Machine.Array; got.PESteps != got.Cycles.Total()*int64(a.Rows*a.Cols) {
			t.Fatalf("seed %d: %d steps of %d×%d elements in %d cycles", seed, got.PESteps, a.Rows, a.Cols, got.Cycles.Total())
		}
	}
	if len(engines) != 3 {
		t.Errorf("only drew %v", engines)
	}
}
