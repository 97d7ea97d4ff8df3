package chip

import (
	"math/bits"

	"bitcycle/arch"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/schedule"
	"bitcycle/sim/internal/units"
)

// Storage gives the size of weights and activations in memory. Layouts of weights:
//
//	padded  every channel at the widest width of the op
//	native  every channel at the width of the array's operands
//	rows    channel after channel, each rounded up to Align bits
//	planes  bit plane after bit plane of a set, plane p holding the channels wider than p
//
// See docs/machine-model.md, section 6.
type Storage struct {
	Layout   string
	Align    int64 // bits that a row or plane is rounded up to
	Word     int64 // bits that the channels of one position are rounded up to; 0 = none
	Metadata bool  // scales and width indices travel with the weights
	Alphabet int   // widths that an index distinguishes
	Group    int64 // weights along the reduction that carry GroupBits together
	// GroupBits is what each group of weights carries; 0 = none.
	GroupBits int64
	ActRound  string // none, pow2, or native: that of the array

	array *arch.Array
}

func newStorage(acc *arch.Accelerator) Storage {
	m := &acc.Memory
	s := Storage{
		Layout: m.Layout, Align: int64(max(m.AlignBits, 1)), Word: int64(m.WordBits), Metadata: m.Metadata,
		Alphabet: len(acc.Array.WeightWidths), ActRound: m.ActRound, array: &acc.Array,
		Group: int64(max(m.GroupSize, 1)), GroupBits: int64(m.GroupBits),
	}
	if s.Alphabet == 0 {
		s.Alphabet = 8
	}
	return s
}

// Stored is the width in memory of an activation of some bits.
func (p *Storage) Stored(bits int) int {
	switch p.ActRound {
	case "pow2":
		return units.Pow2(bits)
	case "native":
		return p.array.RoundAct(bits)
	}
	return bits
}

// Weights returns the bits of sets lo to hi over a stretch of k elements of the
// reduction.
func (p *Storage) Weights(s *schedule.Schedule, lo, hi int, k int64) int64 {
	var sum, last int64
	for i := lo; i < hi; i++ {
		c := &s.Sets[i]
		if i == lo || !c.Same {
			last = p.set(c, s.Wide, k)
		}
		sum += last
	}
	return sum
}

// AllWeights returns the bits of all weights of a layer.
func (p *Storage) AllWeights(l *layer.Layer) int64 {
	return p.Weights(&l.Sched, 0, len(l.Sched.Sets), l.Reduction())
}

func (p *Storage) set(c *schedule.Set, wide uint8, k int64) int64 {
	var sum int64
	switch p.Layout {
	case "planes":
		var above int64 // channels wider than w−1
		for w := int(c.Max); w > 0; w-- {
			above += int64(c.Count[w])
			sum += p.round(k * above)
		}
		sum += p.round(int64(c.Hi-c.Lo) * p.side(k))
	case "padded":
		sum = int64(c.Hi-c.Lo) * p.round(k*int64(wide)+p.side(k))
	case "native":
		sum = int64(c.Hi-c.Lo) * p.round(k*int64(p.array.RoundWeight(int(wide)))+p.side(k))
	default:
		for w := int(c.Min); w <= int(c.Max); w++ {
			sum += int64(c.Count[w]) * p.round(k*int64(w)+p.side(k))
		}
	}
	return sum
}

// side is what k weights of a channel carry beside themselves.
func (p *Storage) side(k int64) int64 {
	if p.GroupBits == 0 {
		return 0
	}
	return units.Ceil(k, p.Group) * p.GroupBits
}

func (p *Storage) round(n int64) int64 { return units.Ceil(n, p.Align) * p.Align }

// WithWeights returns the bits that travel with the weights of a layer: a 32-bit scale
// for every channel, and an index of its width where widths differ.
func (p *Storage) WithWeights(l *layer.Layer) int64 {
	if !p.Metadata {
		return 0
	}
	n := int64(l.Virtual) * 32
	if l.Sched.Mixed(l.Virtual) {
		n += int64(l.Virtual) * int64(bits.Len(uint(p.Alphabet-1)))
	}
	return n
}

// Pixel returns the bits of one position of chans channels at a width.
func (p *Storage) Pixel(chans, width int) int64 {
	n := int64(chans) * int64(width)
	if p.Word > 0 {
		n = units.Ceil(n, p.Word) * p.Word
	}
	return n
}

// Inputs returns the bits of all input channels of a layer at so many positions.
func (p *Storage) Inputs(l *layer.Layer, pixels int64) int64 {
	return pixels * p.Pixel(l.InputChannels(), l.StoreBits)
}

// Outputs returns the bits of all outputs of a layer.
func (p *Storage) Outputs(l *layer.Layer) int64 {
	return l.Positions() * p.Pixel(l.Channels, l.OutBits)
}
