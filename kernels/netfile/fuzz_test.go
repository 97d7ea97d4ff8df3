package netfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/kernels"
	"bitcycle/kernels/onnx"
)

// FuzzLoad reads network files beside a model: problems name the file.
func FuzzLoad(f *testing.F) {
	folder := f.TempDir()
	model, err := os.Create(filepath.Join(folder, "n.onnx"))
	if err != nil {
		f.Fatal(err)
	}
	net := &kernels.Network{Name: "n", Nodes: []kernels.Node{
		{Name: "x", Op: kernels.Input{Shape: kernels.Shape{C: 1, H: 2, W: 2}}}, {Name: "y", Op: kernels.Relu{}, Inputs: []int{0}},
	}, Output: 1}
	if err := onnx.Export(model, net); err != nil {
		f.Fatal(err)
	}
	if err := model.Close(); err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		"onnx = \"n.onnx\"\nlabel_offset = 1\n[input]\nmean = [1]\nstd = [2]\n", "onnx = \"../n.onnx\"", "onnx = \"/dev/zero\"", "onnx = \".\"", "onnx = 3", "",
		"onnx = \"n.onnx\"\n[input]\nmean = [nan, inf]\nstd = [0]\n", "onnx = \"n.onnx\"\ninputs = [\"x=9223372036854775807x1\", \"=\", \"x=0\"]\n",
		"onnx = \"n.onnx\"\nlayout = \"\\u001b[2J\"\ncodes = \"x\"\n", "onnx = \"f.toml\"", "onnx = \"\\u0000\"", "onnx = \"n.onnx\"\nlabel_offset = 9223372036854775807\n",
	} {
		f.Add(seed)
	}
	path := filepath.Join(folder, "f.toml")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, onnx.Options{Shapes: true}); err != nil && !strings.HasPrefix(err.Error(), path) {
			t.Errorf("no file in %q", err)
		}
	})
}
