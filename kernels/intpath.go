package kernels

import "bitcycle/kernels/gemm"

// Path is how an integer layer is multiplied. All paths give the same integers.
type Path uint8

// The paths, from the narrowest to the widest operands.
const (
	PathBits Path = iota // bit planes, AND and population count
	PathI8               // 8-bit operands, 32-bit sums
	PathI16              // 16-bit operands, 32-bit sums
	PathI32              // 32-bit operands, 64-bit sums
)

func (p Path) String() string { return [...]string{"bits", "int8", "int16", "int32"}[p] }

// path chooses the cheapest exact path of a layer.
func (l *QLayer) path(k int, depthwise bool) Path {
	lo, hi := l.weightSpan()
	switch {
	case l.bound(k) > 1<<31-1:
		return PathI32
	case !depthwise && l.In.element() <= elemI8 && gemm.BitsPay(l.In.bitFormat(), l.format(), k):
		return PathBits
	case l.In.element() <= elemI8 && lo >= -128 && hi <= 127:
		return PathI8
	case l.In.element() != elemI32:
		return PathI16
	}
	return PathI32
}

// bound returns the largest magnitude that the product of a row can have.
func (l *QLayer) bound(k int) int64 {
	most := int64(0)
	for _, b := range l.rowBounds(k) {
		most = max(most, b)
	}
	return most
}

// rowBounds returns Σ|w|·max|x| of each row.
func (l *QLayer) rowBounds(k int) []int64 {
	bounds, magnitude := make([]int64, l.Rows()), l.In.Magnitude()
	for r := range bounds {
		for _, w := range l.W[r*k : (r+1)*k] {
			bounds[r] += max(int64(w), -int64(w)) * magnitude
		}
	}
	return bounds
}

// weightSpan returns the smallest and the largest weight, zero included.
func (l *QLayer) weightSpan() (lo, hi int) {
	for _, w := range l.W {
		lo, hi = min(lo, int(w)), max(hi, int(w))
	}
	return lo, hi
}

// planes returns how many bit planes the weights need: one if all are ±1, else
// the bits of a two's complement number.
func (l *QLayer) planes() int {
	if l.binary() {
		return 1
	}
	lo, hi := l.weightSpan()
	bits := 1
	for lo < -1<<(bits-1) || hi > 1<<(bits-1)-1 {
		bits++
	}
	return bits
}

// binary tells whether every weight is +1 or −1.
func (l *QLayer) binary() bool {
	for _, w := range l.W {
		if w != 1 && w != -1 {
			return false
		}
	}
	return true
}

// firstRows returns where the rows of each output channel begin, and their end.
func (l *QLayer) firstRows() []int {
	first := make([]int, len(l.Gain)+1)
	for m := range l.Gain {
		n := 1
		if l.Points != nil {
			n = int(l.Points[m])
		}
		first[m+1] = first[m] + n
	}
	return first
}

// onePoint tells whether every output channel has exactly one row.
func (l *QLayer) onePoint() bool {
	for _, p := range l.Points {
		if p != 1 {
			return false
		}
	}
	return true
}

// shifts tells whether requantization to a grid is a shift for every channel,
// whatever its gain and bias: else halves may need a closer look.
func (l *QLayer) shifts(k int, out Grid) bool {
	if out.Round == HalfUp && !out.Bipolar {
		return true
	}
	for _, f := range l.requantizers(k, out) {
		if f.round != HalfUp {
			return false
		}
	}
	return true
}

// requantizers returns the fixed-point map of every output channel to grid out.
func (l *QLayer) requantizers(k int, out Grid) []fixed {
	first, bounds := l.firstRows(), l.rowBounds(k)
	f := make([]fixed, len(l.Gain))
	for m := range f {
		bound := bounds[first[m]:first[m+1]]
		rows := l.RowScale[first[m]:first[m+1]]
		factor := make([]float64, len(rows))
		for r, s := range rows {
			factor[r] = s * l.In.Scale * l.Gain[m] / out.Scale
		}
		f[m] = newFixed(factor, l.Bias[m]/out.Scale, bound).rounded(out, bound)
	}
	return f
}
