// Package stored takes a quantized network from a file, where another method or
// another program has done the work.
package stored

import (
	"context"
	"errors"
	"fmt"

	"bitcycle/kernels"
	"bitcycle/kernels/onnx"
	"bitcycle/quantizers"
)

// Info describes the method.
var Info = quantizers.Info{
	Name: "onnx", Usage: "onnx:FILE",
	About: "the quantized model of the network in FILE: as quantize --save writes it, QDQ or QOperator of onnxruntime, QONNX, FINN, Deeploy; onnx alone is the network itself, if its model is quantized",
}

// Method is a quantized network that was read.
type Method struct {
	Spec      string // as the user wrote it
	Quantized *kernels.Quantized
}

// Parse reads the quantized ONNX model at path; spec is the whole method as written.
// opt says what the model leaves open.
func Parse(spec, path string, opt onnx.Options) (*Method, error) {
	if path == "" {
		return nil, fmt.Errorf("method %q: want %s, or a network whose model is quantized", spec, Info.Usage)
	}
	m, err := onnx.LoadQuantized(path, opt)
	if err != nil {
		return nil, fmt.Errorf("method %q: %w", spec, err)
	}
	return &Method{Spec: spec, Quantized: m.Quantized}, nil
}

// Check reports a network that reads other inputs than the model does.
func (m *Method) Check(net *kernels.Network) error {
	if m.Quantized == nil {
		return errors.New("a stored model has nothing in it")
	}
	if got, want := m.Quantized.Net.InputShape(), net.InputShape(); got != want {
		return fmt.Errorf("method %q: input %d×%d×%d, network %s has %d×%d×%d", m.Spec, got.C, got.H, got.W, net.Name, want.C, want.H, want.W)
	}
	return nil
}

// Name returns the method as written.
func (m *Method) Name() string { return m.Spec }

// Quantize returns the network as it was read.
func (m *Method) Quantize(_ context.Context, net *kernels.Network, _ kernels.Batch, _ func(done, total int)) (*kernels.Quantized, error) {
	if err := m.Check(net); err != nil {
		return nil, err
	}
	return m.Quantized, nil
}
