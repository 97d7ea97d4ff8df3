package kernels

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Resize gives an image Size rows and columns: every value of the output is the
// nearest one of the input, or interpolated linearly between those around it. Place
// says, of an axis of n values that gets m, f values for each old one, where in the
// old axis value i of the new one lies:
//
//	half            (i + ½)/f − ½
//	half one        the same, but 0 if m = 1
//	corners         i·(n − 1)/(m − 1), 0 if m = 1
//	asymmetric      i/f
//
// which are ONNX's half_pixel, pytorch_half_pixel, align_corners and asymmetric.
// Nearest values are codes that move. Interpolated ones are off by ⅗ of a code at
// most.
type Resize struct {
	Size   [2]int     // rows, columns
	Factor [2]float64 // 0: as the sizes say
	Place  string
	// Round chooses the nearest value: "half down", "half up", "down" or "up".
	// "" interpolates.
	Round string
}

var _ Operator = Resize{}

func (o Resize) Name() string {
	if o.Round == "" {
		return "interpolate"
	}
	return "resize"
}

func (Resize) Arity() (least, most int) { return 1, 1 }

func (o Resize) Infer(in []Shape) (Shape, error) {
	switch {
	case !slices.Contains([]string{"half", "half one", "corners", "asymmetric"}, o.Place):
		return Shape{}, fmt.Errorf("place %q is not known", o.Place)
	case !slices.Contains([]string{"", "half down", "half up", "down", "up"}, o.Round):
		return Shape{}, fmt.Errorf("rounding %q is not known", o.Round)
	case !(o.Factor[0] >= 0 && o.Factor[1] >= 0 && o.Factor[0]+o.Factor[1] < math.MaxInt32):
		return Shape{}, fmt.Errorf("factors %v", o.Factor)
	}
	return Shape{C: in[0].C, H: o.Size[0], W: o.Size[1]}, in[0].image()
}

func (Resize) Nonnegative(in []bool) bool           { return in[0] }
func (o Resize) Selects() bool                      { return o.Round != "" }
func (Resize) Clamp() (l Limits, ok bool)           { return l, false }
func (Resize) Product([]Shape) (p Product, ok bool) { return p, false }

// ElementOps is a move for each value, or four products and the requantization.
func (o Resize) ElementOps(_ []Shape, out Shape) int {
	if o.Selects() {
		return out.Size()
	}
	return 5 * out.Size()
}

func (o Resize) Gradient(in []Shape, out Shape) (Gradient, error) {
	if !o.Selects() {
		return nil, errors.New("is not trained")
	}
	return o.pick(in[0]).Gradient(in, out)
}

func (Resize) storage() storage                    { return anywhere }
func (Resize) fuses(Operator, bool) bool           { return false }
func (Resize) onGrids([]Shape, []Grid, Grid) error { return nil }

func (o Resize) float(s *stepF32) op {
	if o.Selects() {
		return o.pick(s.x[0].Shape).float(s)
	}
	return &resizeF32{s.x[0], s.y, o.taps(0, s.x[0].H), o.taps(1, s.x[0].W)}
}

// pick takes the nearest values.
func (o Resize) pick(in Shape) Pick {
	index := func(d, n int) (at []int) {
		for i := range o.Size[d] {
			x := o.nearest(d, i, n)
			switch o.Round {
			case "half down":
				x = math.Ceil(x - 0.5)
			case "half up":
				x = math.Floor(x + 0.5)
			case "down":
				x = math.Floor(x)
			case "up":
				x = math.Ceil(x)
			}
			at = append(at, int(min(max(x, 0), float64(n-1))))
		}
		return at
	}
	return Pick{H: index(0, in.H), W: index(1, in.W)}
}

// nearest is place in the precision of factors that a model gives, on which it hangs
// which of two values is the nearer.
func (o Resize) nearest(d, i, n int) float64 {
	f := float32(o.Factor[d])
	switch {
	case f == 0 || o.Place == "corners" || o.Size[d] == 1 && o.Place != "half":
		return o.place(d, i, n)
	case o.Place == "asymmetric":
		return float64(float32(i) / f)
	}
	return float64(float32((float32(i)+0.5)/f) - 0.5)
}

// place returns where value i along dimension d lies in an axis of n values.
func (o Resize) place(d, i, n int) float64 {
	f, m := o.Factor[d], o.Size[d]
	if f == 0 {
		f = float64(m) / float64(n)
	}
	switch {
	case o.Place == "asymmetric":
		return float64(i) / f
	case m == 1 && o.Place != "half":
		return 0
	case o.Place == "corners":
		return float64(i) * float64(n-1) / float64(m-1)
	}
	return (float64(i)+0.5)/f - 0.5
}

// tap is a value between two neighbours: share is how much of the second it is.
type tap struct {
	at    [2]int
	share float64
}

func (o Resize) taps(d, n int) (out []tap) {
	for i := range o.Size[d] {
		x := min(max(o.place(d, i, n), 0), float64(n-1))
		at := int(x)
		out = append(out, tap{[2]int{at, min(at+1, n-1)}, x - float64(at)})
	}
	return out
}

type resizeF32 struct {
	x, y       view[float32]
	rows, cols []tap
}

func (o *resizeF32) run(images int) {
	for i := range images {
		for h, r := range o.rows {
			for w, c := range o.cols {
				y := o.y.pixel((i*o.y.H+h)*o.y.W + w)
				corner := func(a, b int) []float32 { return o.x.pixel((i*o.x.H+r.at[a])*o.x.W + c.at[b]) }
				p, q, u, v := corner(0, 0), corner(0, 1), corner(1, 0), corner(1, 1)
				for j := range y {
					top := (1-c.share)*float64(p[j]) + c.share*float64(q[j])
					bottom := (1-c.share)*float64(u[j]) + c.share*float64(v[j])
					y[j] = float32((1-r.share)*top + r.share*bottom)
				}
			}
		}
	}
}

func (o Resize) integer(s *stepInt) op {
	if o.Selects() {
		return o.pick(s.x[0].Shape).integer(s)
	}
	y := &resizeInt{x: s.x[0], y: s.y, rows: o.taps(0, s.x[0].H), cols: o.taps(1, s.x[0].W), lo: s.lo, hi: s.hi}
	bound := []int64{s.from[0].Magnitude() << shareBits}
	y.f = newFixed([]float64{s.from[0].Scale / s.to.Scale / (1 << shareBits)}, 0, bound).rounded(s.to, bound)
	for i := range y.buf {
		y.buf[i] = make([]int32, s.y.C)
	}
	return y
}

// shareBits is the precision of shares, along each axis, and of what is
// interpolated.
const shareBits = 20

// resizeInt interpolates codes: with shares of 20 bits along both axes, rounded to
// 20 bits behind the point.
type resizeInt struct {
	x, y       tensor
	rows, cols []tap
	f          fixed
	lo, hi     int32
	buf        [4][]int32
}

func (o *resizeInt) run(images int) {
	for i := range images {
		for h, r := range o.rows {
			for w, c := range o.cols {
				for k, buf := range o.buf {
					o.x.load(buf, ((i*o.x.H+r.at[k/2])*o.x.W+c.at[k%2])*o.x.ld)
				}
				o.between(shareOf(r.share), shareOf(c.share))
				o.y.store(o.buf[0], ((i*o.y.H+h)*o.y.W+w)*o.y.ld)
			}
		}
	}
}

func shareOf(share float64) int64 { return int64(math.Floor(math.Ldexp(share, shareBits) + 0.5)) }

// between interpolates between the corners in buf.
func (o *resizeInt) between(down, right int64) {
	const one = 1 << shareBits
	for j := range o.buf[0] {
		top := (one-right)*int64(o.buf[0][j]) + right*int64(o.buf[1][j])
		bottom := (one-right)*int64(o.buf[2][j]) + right*int64(o.buf[3][j])
		v := ((one-down)*top + down*bottom + one/2) >> shareBits
		o.buf[0][j] = o.f.apply(v, o.lo, o.hi)
	}
}
