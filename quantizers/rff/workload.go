package rff

import (
	"fmt"
	"math"

	"bitcycle/kernels/workload"
)

// Workload lowers the encoding of points data points of d dimensions by m
// features, and the estimate of all kernel values among them:
//
//	project   Ωᵀx as a matrix product, Input × Omega bits
//	cosine    a table look-up per feature on the vector unit
//	shape     the recursion, serial over features, one chain a point, cut into the
//	          blocks that the scheme resets anyway
//	condense  the adder trees of the block sums
//	kernel    the inner products of the codes, or of the condensed words (Beta)
//
// A float scheme is charged as 16-bit features, the widest operands of a machine.
func (s Scheme) Workload(d, m, points int, w Widths) *workload.Workload {
	c := s.Cost(d, m, w)
	out := &workload.Workload{Name: fmt.Sprintf("%s, %d features of %d dimensions, %d points", s, m, d, points)}
	add := func(op workload.Op) {
		op.Batch, op.Groups = 1, max(op.Groups, 1)
		out.Ops = append(out.Ops, op)
	}
	add(workload.Op{
		Name: "project", Kind: workload.MatMul, M: c.Features, K: d, N: points,
		WeightBits: []uint8{uint8(w.Omega)}, ActBits: uint8(w.Input), ActSigned: true, OutBits: uint8(w.Phase), VectorOps: 1,
	})
	features, bits := c.Features*points, uint8(min(c.WordBits, workload.MaxBits))
	add(workload.Op{Name: "cosine", Kind: workload.Vector, ElementsIn: features, ElementsOut: features, VectorOps: features, ActBits: uint8(w.Phase), OutBits: uint8(w.Feature)})
	if c.ChainLength > 0 {
		add(workload.Op{
			Name: "shape", Kind: workload.Chain, ActBits: uint8(w.Feature), ActSigned: true, OutBits: codeWidth(s.Alphabet),
			Recursion: workload.Recursion{Length: c.ChainLength, Rows: points * c.ChainRows, Block: c.ChainBlock, Order: max(c.ChainOrder, 1), StateBits: uint8(c.StateBits)},
		})
	} else if s.Method != Float {
		add(workload.Op{Name: "quantize", Kind: workload.Vector, ElementsIn: features, ElementsOut: features, VectorOps: features, ActBits: uint8(w.Feature), OutBits: codeWidth(s.Alphabet)})
	}
	if c.CondenseAdds+c.CondenseMuls > 0 {
		add(workload.Op{
			Name: "condense", Kind: workload.Vector, ElementsIn: features, ElementsOut: c.Dim * points, VectorOps: int(c.CondenseAdds+c.CondenseMuls) * points,
			ActBits: codeWidth(s.Alphabet), OutBits: bits,
		})
	}
	add(workload.Op{
		Name: "kernel", Kind: workload.MatMul, M: points, K: int(c.KernelMACs), N: points,
		WeightBits: []uint8{bits}, ActBits: bits, ActSigned: true, OutBits: 16,
	})
	return out
}

// codeWidth is the whole bits of one level.
func codeWidth(a Alphabet) uint8 { return uint8(math.Ceil(a.Bits())) }
