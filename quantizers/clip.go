package quantizers

import (
	"fmt"
	"math"
	"runtime"
	"slices"

	"bitcycle/internal/crew"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// ClipRule is how the reach of a grid is chosen.
type ClipRule uint8

// The rules.
const (
	ClipMSE        ClipRule = iota // the least squared error
	ClipMax                        // the largest magnitude: nothing is clipped
	ClipPercentile                 // what so many per cent of the magnitudes do not exceed
)

// Clip chooses how far grids reach. The zero value takes the least squared error.
type Clip struct {
	Rule       ClipRule
	Percentile float64 // of ClipPercentile, in per cent
}

// weightScale returns the scale of symmetric weights.
func (c Clip) weightScale(w []float32, bits uint8) float64 {
	if c.Rule == ClipMSE || bits < 2 {
		return WeightScale(w, bits)
	}
	magnitudes := make([]float64, len(w))
	for i, x := range w {
		magnitudes[i] = math.Abs(float64(x))
	}
	slices.Sort(magnitudes)
	at := len(w) - 1
	if c.Rule == ClipPercentile {
		at = min(max(int(math.Ceil(c.Percentile/100*float64(len(w))))-1, 0), at)
	}
	return magnitudes[at] / float64(int(1)<<(bits-1)-1)
}

// maxExpanded bounds the codes of a layer with groups: each group is a row as long as
// the reduction.
const maxExpanded = 1 << 28

// grouped quantizes weights with one scale for each group of them.
func grouped(l *Layer, widths workload.Widths, size int, clip Clip) (Rows, error) {
	n := (l.K + size - 1) / size
	if n > math.MaxUint8 || float64(l.Channels)*float64(n)*float64(l.K) > maxExpanded {
		return Rows{}, fmt.Errorf("groups of %d of %d weights of %d channels are too many to execute: give a larger group", size, l.K, l.Channels)
	}
	rows := Rows{Group: size, Codes: make([]int16, l.Channels*n*l.K), Scale: make([]float64, l.Channels*n)}
	for c := range l.Channels {
		rows.Points = append(rows.Points, uint8(n))
		for range n {
			rows.Bits = append(rows.Bits, widths.At(c))
		}
	}
	crew.Each(runtime.GOMAXPROCS(0), l.Channels, func(c int) {
		w := l.Channel(c)
		whole := clip.weightScale(w, widths.At(c))
		for p := range n {
			from, row := p*size, c*n+p
			to := min(from+size, l.K)
			rows.Scale[row] = clip.weightScale(w[from:to], rows.Bits[row])
			if clip.Rule == ClipMSE && rows.Bits[row] > 1 && better(w[from:to], whole, rows.Scale[row], rows.Bits[row]) {
				rows.Scale[row] = whole // the search for the least error is not exhaustive
			}
			RoundWeights(rows.Codes[row*l.K+from:row*l.K+to], w[from:to], rows.Bits[row], rows.Scale[row])
		}
	})
	return rows, nil
}

// better tells whether weights have a smaller squared error with scale a than with b.
func better(w []float32, a, b float64, bits uint8) bool {
	top := float64(int(1)<<(bits-1) - 1)
	return a > 0 && b > 0 && weightError(w, a, top) < weightError(w, b, top)
}

// inputGrid returns the grid of a layer's input as the options want it.
func (r *Ranges) inputGrid(layer int, bits uint8, opts *Options) kernels.Grid {
	node := r.Net.Origin(r.Net.Nodes[r.Net.Layers()[layer]].Inputs[0])
	asymmetric := opts.Asymmetric && r.signs[node] && bits > 1
	if opts.Clip.Rule == ClipMSE && !asymmetric {
		return r.InputGrid(layer, bits)
	}
	h, lo, hi := r.Inputs[node], r.Reach[node][0], r.Reach[node][1]
	switch {
	case lo == hi:
		return r.InputGrid(layer, bits)
	case opts.Clip.Rule == ClipPercentile:
		lo, hi = h.inside(opts.Clip.Percentile, lo, hi)
	}
	if asymmetric {
		return h.asymmetric(bits, lo, hi, opts.Clip.Rule == ClipMSE)
	}
	g := kernels.Grid{Bits: bits, Signed: r.signs[node]}
	_, top := g.Range()
	g.Scale = max(hi, -lo) / float64(max(top, 1))
	return g
}

// asymmetricGrid is the unsigned grid whose codes reach from lo to hi; 0 is one of them.
func asymmetricGrid(bits uint8, lo, hi float64) kernels.Grid {
	top := float64(int(1)<<bits - 1)
	g := kernels.Grid{Bits: bits, Scale: (hi - lo) / top}
	g.Zero = int32(min(max(math.Round(-lo/g.Scale), 0), top))
	return g
}

// asymmetric returns the grid from lo to hi or, of those that reach a part as far to
// both sides, in steps of 1/200, the one with the least squared error.
func (h *Histogram) asymmetric(bits uint8, lo, hi float64, search bool) kernels.Grid {
	best, least := asymmetricGrid(bits, lo, hi), math.Inf(1)
	for i := clips; search && i > 0 && int(1)<<bits < histogramBins/2; i-- {
		g := asymmetricGrid(bits, lo*float64(i)/clips, hi*float64(i)/clips)
		from, to := g.Range()
		if e := h.error(g.Scale, float64(from), float64(to), least); e < least {
			best, least = g, e
		}
	}
	return best
}

// inside returns the range that is left if of the values' both tails so much is cut
// off that the given per cent are left; each tail loses half, and nothing beyond 0.
func (h *Histogram) inside(percent, lo, hi float64) (float64, float64) {
	total := h.Zeros
	for _, n := range h.Counts {
		total += n
	}
	tail, width := (1-percent/100)/2*float64(total), (h.Hi-h.Lo)/histogramBins
	if h.Lo >= 0 {
		tail *= 2 // there is one
	}
	edge := func(step, first int, from float64) float64 {
		seen := 0.0
		for b := first; b >= 0 && b < histogramBins; b += step {
			if seen += float64(h.Counts[b]); seen > tail {
				if step < 0 {
					return h.Lo + float64(b+1)*width
				}
				return h.Lo + float64(b)*width
			}
		}
		return from
	}
	return min(max(edge(1, 0, lo), lo), 0), max(min(edge(-1, histogramBins-1, hi), hi), 0)
}
