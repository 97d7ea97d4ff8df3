package cli

import (
	"context"
	"fmt"

	"bitcycle/kernels"
	"bitcycle/kernels/onnx"
)

// model is a quantized network from a file, as a method: nothing is left to do.
type model struct {
	spec string
	q    *kernels.Quantized
}

// loadModel reads a quantized model that takes the subject's images.
func loadModel(spec, path string, sub *subject) (*model, error) {
	q, err := onnx.LoadQuantized(path)
	if err != nil {
		return nil, err
	}
	got, want := q.Net.InputShape(), sub.network.Net.InputShape()
	if got != want {
		return nil, fmt.Errorf("%s: input %d×%d×%d, network %s has %d×%d×%d", path, got.C, got.H, got.W, sub.network.Name, want.C, want.H, want.W)
	}
	return &model{spec, q}, nil
}

// Name returns the method as written.
func (m *model) Name() string { return m.spec }

// Quantize returns the network as it was read.
func (m *model) Quantize(context.Context, *kernels.Network, kernels.Batch, func(done, total int)) (*kernels.Quantized, error) {
	return m.q, nil
}
