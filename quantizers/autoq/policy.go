package autoq

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

// Policy is the widths of a network: Weights[i][j] of channel j of layer i, 0 =
// pruned, and Acts[i] of the input of layer i.
type Policy struct {
	Weights []workload.Widths `json:"weights"`
	Acts    []uint8           `json:"acts"`
}

// Clone returns a copy that shares nothing.
func (p *Policy) Clone() *Policy {
	c := &Policy{Acts: slices.Clone(p.Acts)}
	for _, w := range p.Weights {
		c.Weights = append(c.Weights, slices.Clone(w))
	}
	return c
}

func (p *Policy) copyFrom(q *Policy) {
	copy(p.Acts, q.Acts)
	for i := range q.Weights {
		copy(p.Weights[i], q.Weights[i])
	}
}

// Key identifies the policy: equal policies have equal keys.
func (p *Policy) Key() string {
	h := sha256.New()
	h.Write(p.Acts)
	for _, w := range p.Weights {
		h.Write([]byte{0xff})
		h.Write(w)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Named returns the policy as one of a network with the given layers.
func (p *Policy) Named(name string, layers []Layer) *quantizers.Policy {
	out := &quantizers.Policy{Name: name}
	for i := range layers {
		out.Layers = append(out.Layers, workload.LayerWidths{
			Name: layers[i].Name, ActBits: p.Acts[i], WeightBits: slices.Clone(p.Weights[i]),
		})
	}
	return out
}

// MeanBits returns the mean widths of weights and activations over the
// multiply-accumulate operations that use them.
func (p *Policy) MeanBits(layers []Layer) (weight, act float64) {
	var macs float64
	for i := range layers {
		l := &layers[i]
		weight += float64(p.Weights[i].Sum(l.Channels)) * float64(l.KernelMACs)
		n := float64(l.KernelMACs) * float64(l.Channels)
		act += float64(p.Acts[i]) * n
		macs += n
	}
	return weight / macs, act / macs
}

func fill(w workload.Widths, bits uint8) {
	for j := range w {
		w[j] = bits
	}
}
