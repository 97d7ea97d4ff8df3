package main

import (
	"bitcycle/kernels"
	"bitcycle/quantizers"
	"context"
)

// falling is a method of our own: 8 bits in the first layer, one less in each layer
// that follows, 4 at least.
type falling struct{}

// Name returns the name of the method.
func (falling) Name() string { return "falling" }

// Quantize gives every layer its width.
func (falling) Quantize(ctx context.Context, net *kernels.Network, calib kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error) {
	policy := quantizers.Uniform(net, 8, 8, 0, 0)
	for i := range policy.Layers {
		policy.Layers[i].WeightBits = []uint8{uint8(max(8-i, 4))}
	}
	return quantizers.Quantize(ctx, net, policy, calib, quantizers.Options{Reestimate: true}, progress)
}
