package multipoint

import (
	"runtime"

	"gonum.org/v1/gonum/floats"

	"bitcycle/internal/crew"
)

// Moment is the second moment Σ = E[x·xᵀ] of a layer's calibration inputs: D×D,
// row-major, symmetric.
type Moment struct {
	D int
	S []float64
}

// NewMoment returns Σ = (1/n)·Σ x·xᵀ over the rows of x (n×d, row-major).
func NewMoment(x []float64, d int) *Moment {
	m := &Moment{D: d, S: make([]float64, d*d)}
	n := len(x) / d
	for i := range n {
		row := x[i*d : (i+1)*d]
		for j, v := range row {
			if v != 0 {
				floats.AddScaled(m.S[j*d:(j+1)*d], v, row)
			}
		}
	}
	if n > 0 {
		floats.Scale(1/float64(n), m.S)
	}
	return m
}

// Error returns the mean squared output error E[(⟨w,x⟩ − ⟨q,x⟩)²] = δᵀΣδ.
func (m *Moment) Error(w, q []float64) float64 {
	delta := make([]float64, m.D)
	floats.SubTo(delta, w, q)
	sum := 0.0
	for j, v := range delta {
		if v != 0 {
			sum += v * floats.Dot(m.S[j*m.D:(j+1)*m.D], delta)
		}
	}
	return sum
}

// Channel is one output channel: its points (one for a channel that keeps the
// layer's grid), their reconstruction and both output errors.
type Channel struct {
	Points      []Point
	Quantized   []float64 // Σ a_i·c_i/T
	NaiveError  float64   // output error of the single naive point
	OutputError float64
}

// Options tell how many points a channel gets and how they are found.
type Options struct {
	Bits      int
	MaxPoints int     // at most this many points in a channel; 4 by default
	Solver    Solver  // of the points of a channel that needs more than one
	GridSteps int     // scales that GridSearch tries; 0 = 1000
	Threshold float64 // output error above which a channel gets another point
	Refit     bool    // refit the scales by least squares when points were added
}

// Adapt quantizes the rows of w (channels×d). Channel c starts as one naive
// point on the grid first[c]; while its output error exceeds the threshold it is
// approximated afresh by one more point (Algorithm 1 of the paper, with the
// squared error of the channel's output). The result does not depend on the
// number of processors.
func Adapt(w []float64, d int, first []float64, moment *Moment, opts Options) []Channel {
	channels := make([]Channel, len(first))
	parallel(len(channels), func(c int) {
		channels[c] = adaptChannel(w[c*d:(c+1)*d], first[c], moment, opts)
	})
	return channels
}

func adaptChannel(w []float64, k float64, moment *Moment, opts Options) Channel {
	ch := Channel{Points: []Point{{A: k, Codes: make([]int8, len(w))}}}
	Codes(ch.Points[0].Codes, w, k, opts.Bits)
	ch.Quantized = Reconstruct(ch.Points, len(w), opts.Bits)
	ch.NaiveError = moment.Error(w, ch.Quantized)
	ch.OutputError = ch.NaiveError
	for n := 2; n <= opts.MaxPoints && ch.OutputError > opts.Threshold; n++ {
		ch.Points = Points(w, opts.Bits, n, opts.Solver, opts.GridSteps)
		if opts.Refit {
			scales, _ := Refit(w, ch.Points, opts.Bits)
			for i := range ch.Points {
				ch.Points[i].A = scales[i]
			}
		}
		ch.Quantized = Reconstruct(ch.Points, len(w), opts.Bits)
		ch.OutputError = moment.Error(w, ch.Quantized)
	}
	return ch
}

// ClipSearch returns, for each candidate grid scale, the mean output error over
// the rows of w (channels×d) quantized naively, and the index of the first
// minimum.
func ClipSearch(w []float64, d int, candidates []float64, moment *Moment, b int) (errs []float64, best int) {
	errs = make([]float64, len(candidates))
	channels := len(w) / d
	parallel(len(candidates), func(i int) {
		q := make([]float64, d)
		for c := range channels {
			row := w[c*d : (c+1)*d]
			Naive(q, row, candidates[i], 0, b)
			errs[i] += moment.Error(row, q)
		}
		errs[i] /= float64(channels)
	})
	for i, e := range errs {
		if e < errs[best] {
			best = i
		}
	}
	return errs, best
}

// ClipCandidates returns 37 scales from a tenth of max|w| to max|w|.
func ClipCandidates(w []float64) []float64 {
	candidates := make([]float64, 37)
	top := MaxAbs(w)
	for i := range candidates {
		candidates[i] = top * (0.1 + 0.9*float64(i)/float64(len(candidates)-1))
	}
	return candidates
}

// parallel calls f(0..n−1), each index once, on all processors.
func parallel(n int, f func(i int)) { crew.Each(runtime.GOMAXPROCS(0), n, f) }
