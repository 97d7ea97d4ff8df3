package sim

import (
	"math/bits"

	"bitcycle/arch"
)

// packer gives the size of weights and activations in memory.
type packer struct {
	layout   string // padded, native, rows or planes
	native   func(bits int) int
	align    int64 // bits that a row or plane is rounded up to
	word     int64 // bits that the channels of one position are rounded up to; 0 = none
	metadata bool
	alphabet int // widths that an index distinguishes
}

func newPacker(acc *arch.Accelerator) packer {
	m := &acc.Memory
	p := packer{layout: m.Layout, native: acc.Array.RoundWeight, align: int64(max(m.AlignBits, 1)), word: int64(m.WordBits), metadata: m.Metadata, alphabet: len(acc.Array.WeightWidths)}
	if p.alphabet == 0 {
		p.alphabet = 8
	}
	return p
}

// weightBits returns the size of sets lo to hi over a stretch of k elements of the
// reduction (hardware model §1.3):
//
//	padded  every channel at the widest width of the op
//	native  every channel at the width of the array's operands
//	rows    channel after channel, each rounded up to align bits
//	planes  bit plane after bit plane of a set, plane p holding the channels wider than p
func (p packer) weightBits(s *schedule, lo, hi int, k int64) int64 {
	var sum, last int64
	for i := lo; i < hi; i++ {
		c := &s.sets[i]
		if i == lo || !c.same {
			last = p.setBits(c, s.wide, k)
		}
		sum += last
	}
	return sum
}

func (p packer) setBits(c *set, wide uint8, k int64) int64 {
	var sum int64
	switch p.layout {
	case "planes":
		var above int64 // channels wider than w−1
		for w := int(c.max); w > 0; w-- {
			above += int64(c.count[w])
			sum += p.round(k * above)
		}
	case "padded":
		sum = int64(c.hi-c.lo) * p.round(k*int64(wide))
	case "native":
		sum = int64(c.hi-c.lo) * p.round(k*int64(p.native(int(wide))))
	default:
		for w := 1; w <= int(c.max); w++ {
			sum += int64(c.count[w]) * p.round(k*int64(w))
		}
	}
	return sum
}

func (p packer) round(n int64) int64 { return ceil(n, p.align) * p.align }

// metadataBits returns what travels with the weights of an op: a 32-bit scale for
// every kernel, and an index of its width where widths differ.
func (p packer) metadataBits(s *schedule, kernels int) int64 {
	if !p.metadata {
		return 0
	}
	n := int64(kernels) * 32
	if s.mixed(kernels) {
		n += int64(kernels) * int64(bits.Len(uint(p.alphabet-1)))
	}
	return n
}

// mixed reports whether the kernels have different widths.
func (s *schedule) mixed(kernels int) bool {
	if len(s.order) != kernels {
		return len(s.order) > 0
	}
	for _, w := range s.order {
		if w != s.order[0] {
			return true
		}
	}
	return false
}

// pixelBits returns the size of one position of chans channels at a width.
func (p packer) pixelBits(chans, width int64) int64 {
	n := chans * width
	if p.word > 0 {
		n = ceil(n, p.word) * p.word
	}
	return n
}

// bytes returns bits in whole bytes.
func bytes(bits int64) int64 { return ceil(bits, 8) }
