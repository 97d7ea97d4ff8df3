package rff

import (
	"testing"

	"bitcycle/kernels/workload"

	"pgregory.net/rapid"
)

// A workload is valid, projects every feature, and never shapes more than it
// projects; the beta scheme's chains are cut into its blocks.
func TestWorkload(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := Alphabet{K: rapid.IntRange(1, 3).Draw(t, "K")}
		s := rapid.SampledFrom([]Scheme{
			{Method: Float},
			{Method: MSQ, Alphabet: one},
			{Method: StocQ, Alphabet: one},
			NewSigmaDelta(1, 16, one), NewSigmaDelta(2, 15, one), NewBeta(1.5, 16, one),
		}).Draw(t, "scheme")
		d, m, points := rapid.IntRange(1, 60).Draw(t, "d"), rapid.IntRange(64, 400).Draw(t, "m"), rapid.IntRange(1, 20).Draw(t, "points")
		w := s.Workload(d, m, points, DefaultWidths())
		if err := w.Validate(); err != nil {
			t.Fatal(err)
		}
		c := s.Cost(d, m, DefaultWidths())
		for i := range w.Ops {
			op := &w.Ops[i]
			switch op.Name {
			case "project":
				if op.MACs() != c.ProjectionMACs*int64(points) {
					t.Fatalf("%v: %d projection MACs, want %d", s, op.MACs(), c.ProjectionMACs*int64(points))
				}
			case "kernel":
				// A block of Beta is one word, as precise as its quantization error.
				if want := map[bool]int{false: c.CodeBits, true: c.WordBits}[s.Method == Beta]; int(op.ActBits) != min(want, workload.MaxBits) || s.Method == Beta && want < 9 {
					t.Fatalf("%v: inner products of %d bits, want %d", s, op.ActBits, want)
				}
			case "shape":
				r := op.Recursion
				if r.Length > m || r.Rows != points || s.Method == Beta && r.Block != 16 || op.Kind != workload.Chain {
					t.Fatalf("%v: recursion %+v", s, r)
				}
			}
		}
	})
}
