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
	if err != nil {
		return "", "", err
	}
	kind = "network"
	if f.Model != nil && f.Model.Quantized != nil {
		kind = "quantized network"
	}
	return kind, describe(f), nil
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
