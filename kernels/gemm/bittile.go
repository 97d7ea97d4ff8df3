package gemm

import (
	"encoding/binary"
	"math/bits"
)

// bitKernel is a register tile of a bit product.
type bitKernel struct {
	rows int
	cols widths
	tile [2]bitTileFunc
	// pays is the least k from which one, two and four products of planes beat the path's products of
	// bytes; 0 is never. Weights of ±1, which need the sums of rows, take twice as much.
	pays [3]int
}

// BitsPay tells whether bit planes of k codes in the formats a and b are multiplied faster than bytes, as
// BenchmarkBitsOrBytes measures.
func BitsPay(a, b BitFormat, k int) bool {
	products := a.Bits * b.Bits
	if products != 1 && products != 2 && products != 4 {
		return false
	}
	least := active.bits.pays[products/2]
	if b.Binary {
		least *= 2
	}
	return least > 0 && k >= least
}

// bitTileFunc adds weight·count(a AND b) to the rows × (panels·cols) block C. A step is a word of 8
// bytes; otherwise it is like a tileFunc.
type bitTileFunc func(rows, block, panels int, a []uint8, l left, b []uint64, r right, c []int32, ldc int, weight int32)

func bitTile4(rows, _, panels int, a []uint8, l left, b []uint64, r right, c []int32, ldc int, weight int32) {
	for row := 0; row < rows; row += 2 {
		last := min(row+1, rows-1) // an odd row is counted twice
		for p := range panels {
			var s00, s01, s02, s03, s10, s11, s12, s13 int
			for g := range l.segments {
				i0, i1, ib := row*l.rs+g*l.ss, last*l.rs+g*l.ss, p*r.panel+g*r.ss
				for range l.steps {
					x := b[ib:][:4]
					a0, a1 := binary.LittleEndian.Uint64(a[i0:]), binary.LittleEndian.Uint64(a[i1:])
					b0, b1, b2, b3 := x[0], x[1], x[2], x[3]
					s00, s10 = s00+bits.OnesCount64(a0&b0), s10+bits.OnesCount64(a1&b0)
					s01, s11 = s01+bits.OnesCount64(a0&b1), s11+bits.OnesCount64(a1&b1)
					s02, s12 = s02+bits.OnesCount64(a0&b2), s12+bits.OnesCount64(a1&b2)
					s03, s13 = s03+bits.OnesCount64(a0&b3), s13+bits.OnesCount64(a1&b3)
					i0, i1, ib = i0+l.cs, i1+l.cs, ib+r.cs
				}
			}
			addCounts(c[row*ldc+p*4:], weight, s00, s01, s02, s03)
			if last > row {
				addCounts(c[last*ldc+p*4:], weight, s10, s11, s12, s13)
			}
		}
	}
}

func addCounts(c []int32, weight int32, s0, s1, s2, s3 int) {
	c = c[:4]
	c[0], c[1] = c[0]+weight*int32(s0), c[1]+weight*int32(s1)
	c[2], c[3] = c[2]+weight*int32(s2), c[3]+weight*int32(s3)
}

func bitTile2(rows, _, panels int, a []uint8, l left, b []uint64, r right, c []int32, ldc int, weight int32) {
	for p := range panels {
		for row := range rows {
			var s0, s1 int
			for g := range l.segments {
				ia, ib := row*l.rs+g*l.ss, p*r.panel+g*r.ss
				for range l.steps {
					x := binary.LittleEndian.Uint64(a[ia:])
					s0, s1 = s0+bits.OnesCount64(x&b[ib]), s1+bits.OnesCount64(x&b[ib+1])
					ia, ib = ia+l.cs, ib+r.cs
				}
			}
			out := c[row*ldc+p*2:][:2]
			out[0], out[1] = out[0]+weight*int32(s0), out[1]+weight*int32(s1)
		}
	}
}
