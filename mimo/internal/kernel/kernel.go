package kernel

import "os"

// Lanes is the number of columns that rows are padded to a multiple of.
const Lanes = 8

// View is a complex matrix in two planes: element (i, j) is
// Re[i·Stride+j] + j·Im[i·Stride+j].
type View struct {
	Re, Im []float64
	Stride int
}

// Coefficients are the feedback coefficients of a first-order modulator, one per
// antenna; nil slices mean 1.
type Coefficients struct{ Re, Im []float64 }

// path is everything that depends on the instruction set. Columns are counted in
// multiples of Lanes, slices in elements.
type path struct {
	name string
	// product computes C = A·B, C m×n, inner dimension k.
	product func(m, k, n int, c, a, b View)
	// modulate runs one chain of n antennas for every column.
	modulate func(n, cols int, x, in View, scale float64, c Coefficients)
	// step and combine work on slices whose length is a multiple of Lanes.
	step    func(next, y, x, grad []float64, inv, amp float64) (sums [2][Lanes]float64)
	combine func(y, next, prev []float64, m float64)
	maxAbs  func(x []float64) float64
}

var generic = path{
	name:     "generic",
	product:  productGeneric,
	modulate: modulateGeneric,
	step:     stepGeneric,
	combine:  combineGeneric,
	maxAbs:   maxAbsGeneric,
}

// paths lists what this machine can run, slowest first.
var paths = append([]*path{&generic}, machinePaths()...)

var active = choose(os.Getenv("BITCYCLE_KERNEL"))

// choose finds a path by name, the fastest if there is none of that name.
func choose(name string) *path {
	for _, p := range paths {
		if p.name == name {
			return p
		}
	}
	return paths[len(paths)-1]
}

// Pad rounds a number of columns up to a multiple of Lanes.
func Pad(cols int) int { return (cols + Lanes - 1) / Lanes * Lanes }

// Product computes the m×n complex product C = A·B with inner dimension k. The
// padding columns of C receive the products of those of B.
func Product(m, k, n int, c, a, b View) {
	n = Pad(n)
	if m == 0 || n == 0 {
		return
	}
	check(c, m, n)
	check(b, k, n)
	check(a, m, k)
	if k == 0 {
		productGeneric(m, k, n, c, a, b)
		return
	}
	active.product(m, k, n, c, a, b)
}

// Modulate runs the first-order recursion of n antennas from a state of zero,
// one independent chain per column,
//
//	b = scale·in − c·q₋₁,  x = csgn(b),  q = x − b.
//
// x and in may be the same matrix.
func Modulate(n, cols int, x, in View, scale float64, c Coefficients) {
	cols = Pad(cols)
	if n == 0 || cols == 0 {
		return
	}
	check(x, n, cols)
	check(in, n, cols)
	if c.Re != nil && min(len(c.Re), len(c.Im)) < n {
		panic("kernel: fewer coefficients than antennas")
	}
	active.modulate(n, cols, x, in, scale, c)
}

// check panics unless the last element of an m×n view exists.
func check(v View, m, n int) {
	if m == 0 || n == 0 {
		return
	}
	last := (m-1)*v.Stride + n - 1
	if v.Stride < n || last >= len(v.Re) || last >= len(v.Im) {
		panic("kernel: view too small")
	}
}

// Step moves y against the gradient and clips to [−amp, amp],
//
//	next = clip(y − inv·grad),
//
// and returns, with d = next − y, the sums Σ d² and Σ d·(next−x). The length is a
// multiple of Lanes.
func Step(next, y, x, grad []float64, inv, amp float64) (square, along float64) {
	n := len(next)
	if n%Lanes != 0 || len(y) < n || len(x) < n || len(grad) < n {
		panic("kernel: lengths differ")
	}
	if n == 0 {
		return 0, 0
	}
	sums := active.step(next[:n], y, x, grad, inv, amp)
	return total(&sums[0]), total(&sums[1])
}

func total(lanes *[Lanes]float64) float64 {
	var s float64
	for _, v := range lanes {
		s += v
	}
	return s
}

// Combine extrapolates, y = next + m·(next − prev). The length is a multiple of Lanes.
func Combine(y, next, prev []float64, m float64) {
	n := len(y)
	if n%Lanes != 0 || len(next) < n || len(prev) < n {
		panic("kernel: lengths differ")
	}
	if n > 0 {
		active.combine(y, next, prev, m)
	}
}

// MaxAbs returns the largest magnitude in x, 0 if x is empty.
func MaxAbs(x []float64) float64 {
	body := len(x) / Lanes * Lanes
	var peak float64
	if body > 0 {
		peak = active.maxAbs(x[:body])
	}
	return max(peak, maxAbsGeneric(x[body:]))
}
