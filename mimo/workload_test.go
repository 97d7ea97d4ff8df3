package mimo

import (
	"math"
	"slices"
	"testing"

	"bitcycle/kernels/workload"
)

func lowered(t *testing.T, name string, products int) (workload.FrontEnd, Cost) {
	t.Helper()
	p, err := Scheme{Precoder: name, Modulator: Modulator{Chains: 4}}.New()
	if err != nil {
		t.Fatal(err)
	}
	l := Lowering{Antennas: 256, Users: 8, Symbols: 20, Uses: 1800, MatrixBits: 12, SymbolBits: 8, SampleBits: 9, ComplexProducts: products}
	c := p.Cost(256, 8)
	return l.Lower(c), c
}

// macs counts real multiply-accumulates and operations on vectors.
func macs(passes []workload.Pass) (products, operations float64) {
	for _, p := range passes {
		products += p.Count * float64(p.Workload.MACs())
		for _, op := range p.Workload.Ops {
			operations += p.Count * float64(op.VectorOps)
		}
	}
	return products, operations
}

// Lowering keeps every multiplication that the precoder counts.
func TestLowerKeepsTheWork(t *testing.T) {
	for _, name := range Precoders() {
		for _, real := range []int{3, 4} {
			w, c := lowered(t, name, real)
			for _, p := range slices.Concat(w.Matrix, w.Vectors, w.Group) {
				if err := p.Workload.Validate(); err != nil {
					t.Fatalf("%s: %v", name, err)
				}
			}
			products, operations := macs(w.Group)
			size := float64(w.GroupSymbols)
			if want := float64(real) * c.SymbolCMACs() * size; math.Abs(products-want) > 1e-9*want {
				t.Errorf("%s: %g products for a group, want %g", name, products, want)
			}
			if got := operations/size + w.SampleOps; got < c.SymbolVectorOps()-1e-6 {
				t.Errorf("%s: %g element-wise operations a vector, want at least %g", name, got, c.SymbolVectorOps())
			}
			vectors, _ := macs(w.Vectors)
			if want := float64(real) * c.SymbolCMACs() * 1800; math.Abs(vectors-want) > 1e-9*want {
				t.Errorf("%s: %g products for a coherence block, want %g", name, vectors, want)
			}
			matrix, inversion := macs(w.Matrix)
			if got := matrix/float64(real) + inversion/8; got < c.MatrixCMACs*(1-1e-12) {
				t.Errorf("%s: a matrix of %g complex products, want at least %g", name, got, c.MatrixCMACs)
			}
		}
	}
}

// The chain of a lowered modulator has the length of its longest sub-chain.
func TestLowerChain(t *testing.T) {
	w, c := lowered(t, "sd-zf", 4)
	if r := w.Chain.Recursion; r.Length != 256 || r.Block != c.Chain.Latency() || r.Block != 64 || r.Order != 1 {
		t.Errorf("%+v", r)
	}
	if w, _ := lowered(t, "direct", 4); w.Chain != nil {
		t.Error("direct precoding has a chain")
	}
}
