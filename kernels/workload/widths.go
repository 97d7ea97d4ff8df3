package workload

import (
	"fmt"
	"slices"
)

// Widths are the bit widths of the output channels of one op: one entry for all
// of them or one for each. 0 is a pruned channel.
type Widths []uint8

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
func (w Widths) Append(dst []uint8, channels int) []uint8 {
	if len(w) != 1 {
		return append(dst, w...)
	}
	for range channels {
		dst = append(dst, w[0])
	}
	return dst
}

// Check reports a number of entries that is neither 1 nor channels, and the first
// width beyond [MaxBits].
func (w Widths) Check(channels int) error {
	if len(w) != 1 && len(w) != channels {
		return fmt.Errorf("%d widths for %d output channels: give one for all or one each", len(w), channels)
	}
	for _, b := range w {
		if b > MaxBits {
			return fmt.Errorf("width = %d: must be 0 to %d", b, MaxBits)
		}
	}
	return nil
}
