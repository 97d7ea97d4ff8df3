package workload

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// MaxBits is the widest weight or activation that the library handles.
const MaxBits = 16

// MaxVectorBits is the widest input of element-wise work, and the widest output of
// any: an accumulator.
const MaxVectorBits = 32

// Widths are bit widths of the output channels of a layer: one entry for all of
// them or one for each. 0 is a pruned channel. Where a channel is the sum of
// several points, each of its points counts as a channel.
type Widths []uint8

// LayerWidths are the bit widths of one layer of a network.
type LayerWidths struct {
	Name       string // of the network's node
	ActBits    uint8  // of the layer's input, 1 to [MaxBits]
	WeightBits Widths
	// Group is how many weights along the reduction share a scale; 0 is all of a channel.
	Group int
}

// At returns the width of channel c.
func (w Widths) At(c int) uint8 {
	if len(w) == 1 {
		return w[0]
	}
	return w[c]
}

// Max returns the widest entry; 0 without entries.
func (w Widths) Max() uint8 {
	if len(w) == 0 {
		return 0
	}
	return slices.Max(w)
}

// Min returns the narrowest entry, 0 for pruned ones; 0 without entries.
func (w Widths) Min() uint8 {
	if len(w) == 0 {
		return 0
	}
	return slices.Min(w)
}

// Sum returns the widths of all channels together, in bits.
func (w Widths) Sum(channels int) int64 {
	if len(w) == 1 {
		return int64(w[0]) * int64(channels)
	}
	var sum int64
	for _, b := range w {
		sum += int64(b)
	}
	return sum
}

// Mean returns the mean width over all channels, pruned ones included.
func (w Widths) Mean(channels int) float64 {
	if channels == 0 {
		return 0
	}
	return float64(w.Sum(channels)) / float64(channels)
}

// Active returns the number of channels that are not pruned.
func (w Widths) Active(channels int) int {
	if len(w) == 1 {
		if w[0] == 0 {
			return 0
		}
		return channels
	}
	n := 0
	for _, b := range w {
		if b > 0 {
			n++
		}
	}
	return n
}

// Append appends one width for each of the channels to dst.
func (w Widths) Append(dst Widths, channels int) Widths {
	if len(w) != 1 {
		return append(dst, w...)
	}
	from := len(dst)
	dst = slices.Grow(dst, channels)[:from+channels]
	if channels > 0 {
		dst[from] = w[0]
	}
	for n := 1; n < channels; n *= 2 {
		copy(dst[from+n:], dst[from:from+n])
	}
	return dst
}

// Check reports a number of entries that is neither 1 nor channels, and a width
// beyond [MaxBits].
func (w Widths) Check(channels int) error {
	if len(w) != 1 && len(w) != channels {
		return fmt.Errorf("%d entries: must be one for all or one for each of %d output channels", len(w), channels)
	}
	if w.Max() > MaxBits {
		return fmt.Errorf("must be 0 to %d", MaxBits)
	}
	return nil
}

// String returns the widths as files have them: 4, or [4, 2, 0].
func (w Widths) String() string {
	if len(w) == 1 {
		return fmt.Sprint(w[0])
	}
	return "[" + join(w) + "]"
}

// UnmarshalTOML reads what String writes. What no width can be becomes 255, which
// Check reports: who reads a file knows the line.
func (w *Widths) UnmarshalTOML(data any) error {
	list, ok := data.([]any)
	if !ok {
		list = []any{data}
	}
	*w = make(Widths, len(list))
	for i, item := range list {
		n, ok := item.(int64)
		if !ok {
			return fmt.Errorf("%v: must be an integer or a list of integers", item)
		}
		if n < 0 || n > math.MaxUint8 {
			n = math.MaxUint8
		}
		(*w)[i] = uint8(n)
	}
	return nil
}

func join[E uint8 | int](v []E) string {
	words := make([]string, len(v))
	for i, x := range v {
		words[i] = fmt.Sprint(x)
	}
	return strings.Join(words, ", ")
}
