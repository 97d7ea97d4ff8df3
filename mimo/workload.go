package mimo

import (
	"fmt"
	"math"

	"bitcycle/kernels/workload"
)

// Lowering is the shape of a precoding or detection job on a digital machine.
type Lowering struct {
	Antennas, Users int
	Symbols         int // vectors precoded together
	Uses            int // vectors of a coherence block
	// MatrixBits and SymbolBits are the widths of a product's two operands: weights
	// and activations. Iterated precoders multiply samples too, at SymbolBits.
	MatrixBits, SymbolBits int
	SampleBits             int // of the modulator's input
	// ComplexProducts is the real multiplications of a complex one: 4 in the real
	// embedding [Re −Im; Im Re], or 3 in Karatsuba's form.
	ComplexProducts int
}

// Lower turns the operation counts of a precoder or detector into workloads. The
// matrix of linear precoding stays in the array for the whole coherence block while
// vectors stream through; iterations depend on each other and run group by group.
func (l Lowering) Lower(c Cost) workload.FrontEnd {
	w := workload.FrontEnd{GroupSymbols: l.Symbols, Chain: l.chain(c.Chain)}
	if m := l.matrix(c.MatrixCMACs); m != nil {
		w.Matrix = []workload.Pass{{Workload: m, Count: 1}}
	}
	if c.Iterations == 0 {
		w.SampleOps = c.SymbolVectorOps()
		for _, p := range c.Products {
			w.SampleOps += l.recombine(p)
		}
		if len(c.Vectors) == 0 {
			w.GroupSymbols = 1 // nothing is common to several vectors
		}
		w.Group, w.Vectors = l.stream(c, w.GroupSymbols), l.stream(c, l.Uses)
		return w
	}
	w.Group = l.iterate(c)
	groups := float64(l.Uses) / float64(l.Symbols)
	for _, p := range w.Group {
		w.Vectors = append(w.Vectors, workload.Pass{Workload: p.Workload, Count: p.Count * groups})
	}
	return w
}

// stream multiplies vectors by matrices that stay.
func (l Lowering) stream(c Cost, vectors int) []workload.Pass {
	var passes []workload.Pass
	for _, p := range c.Products {
		w := &workload.Workload{Name: fmt.Sprintf("%s, %d vectors", p.Name, vectors), Ops: []workload.Op{l.product(p.Name, p.Rows, p.Depth, vectors)}}
		passes = append(passes, workload.Pass{Workload: w, Count: p.Count})
	}
	return passes
}

// iterate puts the products and the element-wise work that happen equally often into
// one workload each.
func (l Lowering) iterate(c Cost) []workload.Pass {
	var passes []workload.Pass
	add := func(count float64, ops ...workload.Op) {
		for i := range passes {
			if passes[i].Count == count {
				passes[i].Workload.Ops = append(passes[i].Workload.Ops, ops...)
				return
			}
		}
		passes = append(passes, workload.Pass{Workload: &workload.Workload{Name: fmt.Sprintf("%g times", count), Ops: ops}, Count: count})
	}
	for _, p := range c.Products {
		add(p.Count, l.product(p.Name, p.Rows, p.Depth, l.Symbols))
		if extra := l.recombine(p); extra > 0 {
			add(p.Count, l.vector(p.Name+": sums", extra*float64(l.Symbols), 2*p.Rows*l.Symbols))
		}
	}
	for _, v := range c.Vectors {
		add(v.Count, l.vector(v.Name, float64(v.Length*l.Symbols)*v.Ops, v.Length*l.Symbols))
	}
	return passes
}

// product is a complex rows×depth matrix times depth×columns as real products.
func (l Lowering) product(name string, rows, depth, columns int) workload.Op {
	op := workload.Op{
		Name: name, Kind: workload.MatMul, Batch: 1, Groups: 1, M: 2 * rows, K: 2 * depth, N: columns,
		WeightBits: []uint8{uint8(l.MatrixBits)}, ActBits: uint8(l.SymbolBits), ActSigned: true,
	}
	if l.ComplexProducts == 3 {
		op.M, op.K, op.Groups = rows, depth, 3
	}
	return op
}

// recombine is the additions for one vector of a product in Karatsuba's form, whose
// matrix sums are formed once: Re + Im of the input, and two sums of the output.
func (l Lowering) recombine(p Product) float64 {
	if l.ComplexProducts != 3 {
		return 0
	}
	return float64(p.Depth + 2*p.Rows)
}

// vector is element-wise work on real numbers.
func (l Lowering) vector(name string, operations float64, elements int) workload.Op {
	return workload.Op{
		Name: name, Kind: workload.Vector, Batch: 1, Groups: 1, ActBits: uint8(l.SymbolBits), OutBits: uint8(l.SymbolBits),
		VectorOps: int(math.Ceil(operations)), ElementsIn: elements, ElementsOut: elements,
	}
}

// matrix is the precoder's matrix of the given complex multiply-accumulates: a Gram
// matrix, of which the array computes both halves, its product with Hᴴ, and the rest,
// the inversion, as element-wise work of eight real operations each.
func (l Lowering) matrix(cmacs float64) *workload.Workload {
	if cmacs == 0 {
		return nil
	}
	n, k := float64(l.Antennas), float64(l.Users)
	gram, apply := k*(k+1)*n/2, k*k*n
	w := &workload.Workload{Name: "precoder matrix", Ops: []workload.Op{l.product("Gram matrix", l.Users, l.Antennas, l.Users)}}
	rest := cmacs - gram
	if rest >= apply {
		rest -= apply
		w.Ops = append(w.Ops, l.product("times Hᴴ", l.Antennas, l.Users, l.Users))
	}
	if rest > 0 {
		w.Ops = append(w.Ops, l.vector("inversion", 8*rest, 2*l.Users*l.Users))
	}
	return w
}

// chain is the recursion of one sample vector.
func (l Lowering) chain(c *Chain) *workload.Op {
	if c == nil {
		return nil
	}
	op := &workload.Op{
		Name: "modulator", Kind: workload.Chain, Batch: 1, ActBits: uint8(l.SampleBits),
		Recursion: workload.Recursion{Length: c.Antennas, Rows: 1, Order: c.Order, StateBits: uint8(c.WordBits)},
	}
	if c.SubChains > 1 {
		op.Recursion.Block = c.Latency()
	}
	return op
}
