package cli

import (
	"errors"
	"fmt"
	"strings"

	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
)

// checkNetwork says what a network holds, and what keeps it from being executed.
func checkNetwork(name string, model modelFlags) (kind, holds string, err error) {
	f, err := model.shapes(name)
	if open := (*onnx.OpenError)(nil); errors.As(err, &open) {
		text := fmt.Sprintf("open dimensions %s: give them with --input", strings.Join(open.Inputs, ", "))
		return "network", text + "; " + strings.ReplaceAll(open.Error(), "\n", "; "), nil
	}
	if err != nil || isQuantized(f) {
		q, bad := onnx.LoadQuantized(name)
		switch {
		case bad == nil:
			return "quantized network", fmt.Sprintf("%d nodes, %d layers", len(q.Net.Nodes), len(q.Layers)), nil
		case err == nil:
			return "network", describe(f) + "; as a quantized network: " + strings.TrimPrefix(bad.Error(), name+": "), nil
		}
		return "", "", err
	}
	return "network", describe(f), nil
}

// isQuantized tells whether a model has operators of quantized ones.
func isQuantized(f *netfile.File) bool {
	if f.Model == nil {
		return false
	}
	for _, o := range f.Model.Obstacles {
		switch o.Operator {
		case "Quant", "QuantizeLinear", "DequantizeLinear":
			return true
		}
	}
	return false
}

func describe(f *netfile.File) string {
	text := fmt.Sprintf("%s: %d nodes, %d layers, input %v", f.Name, len(f.Net.Nodes), len(f.Net.Layers()), f.Net.InputShape())
	if f.Model == nil {
		return text
	}
	if err := f.Model.Executable(); err != nil {
		text += "; cost only: " + strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	for _, note := range f.Model.Notes {
		text += "; " + note
	}
	return text
}
