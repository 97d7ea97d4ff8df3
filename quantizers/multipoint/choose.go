package multipoint

import (
	"math"

	"bitcycle/quantizers"
)

// LayerCost is what a layer costs with single weights of the given width, or
// with the given points per output channel: cycles or energy of a machine.
type LayerCost func(layer, bits int, points []uint8) float64

// chooseBits are the widths that the choice between points and bits tries.
var chooseBits = []int{2, 3, 4, 5, 6, 8}

// choose returns the cheapest form of a layer whose output keeps the wanted
// signal-to-noise ratio: one vector a channel at some width, or fewer bits with
// further points on the channels that need them. Points fill the array's
// columns: a second point on a few channels can cost a whole pass over the
// inputs, which the machine's cost shows. Of equal costs the least error wins.
func (m *Method) choose(l *quantizers.Layer, p *quantizers.Patches, w []float64) quantizers.Rows {
	moments := make([]*Moment, p.Groups)
	power := 0.0
	zero := make([]float64, l.K)
	perGroup := l.Channels / p.Groups
	for g := range moments {
		moments[g] = NewMoment(p.Rows[g], l.K)
		for c := g * perGroup; c < (g+1)*perGroup; c++ {
			power += moments[g].Error(w[c*l.K:(c+1)*l.K], zero)
		}
	}
	// The error that a channel may have on average.
	allowed := power * math.Pow(10, -m.SNR/10) / float64(l.Channels)
	var best []Channel
	bestBits, bestCost, bestError := 0, math.Inf(1), math.Inf(1)
	for _, bits := range chooseBits {
		for _, limit := range []int{1, m.MaxPoints} {
			channels, total := m.form(w, l.K, moments, perGroup, bits, limit, allowed)
			points := make([]uint8, len(channels))
			for i := range channels {
				points[i] = uint8(len(channels[i].Points))
			}
			missed := total > allowed*float64(l.Channels)*1.05
			if missed && !(bits == 8 && best == nil) {
				continue
			}
			cost := m.Cost(l.Index, bits, points)
			if cost < bestCost || cost == bestCost && total < bestError {
				best, bestBits, bestCost, bestError = channels, bits, cost, total
			}
		}
	}
	return pack(best, l.K, bestBits)
}

// form quantizes every channel at a width, with further points up to limit while
// its output error exceeds what is allowed, and returns the summed error.
func (m *Method) form(w []float64, k int, moments []*Moment, perGroup, bits, limit int, allowed float64) (channels []Channel, total float64) {
	channels = make([]Channel, len(w)/k)
	opts := Options{Bits: bits, MaxPoints: limit, Solver: m.Solver, Threshold: allowed}
	parallel(len(channels), func(c int) {
		row := w[c*k : (c+1)*k]
		channels[c] = adaptChannel(row, BestScaleExact(row, bits).A, moments[c/perGroup], opts)
	})
	for i := range channels {
		total += channels[i].OutputError
	}
	return channels, total
}
