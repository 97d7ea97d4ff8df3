package evaluate

import (
	"context"
	"slices"
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/internal/testdata"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/workload"
)

// A model with quantizers that are no integers is charged at the widths that it states,
// and its accuracy is that of its quantizers in float32.
func TestEmulatedModel(t *testing.T) {
	path := testdata.Data(t, "onnx/espcn_subpixel_quant.onnx")
	file, err := netfile.Open(path, onnx.Options{Shapes: true})
	if err != nil {
		t.Fatal(err)
	}
	if m := DefaultMethod(file, "other"); m != "onnx" {
		t.Fatalf("default method %s", m)
	}
	w, err := Workload(file, "")
	if err != nil {
		t.Fatal(err)
	}
	var widths []uint8
	for i := range w.Ops {
		if op := &w.Ops[i]; op.Kind != workload.Vector {
			widths = append(widths, op.ActBits, op.WeightBits.Max())
		}
	}
	if want := []uint8{8, 8, 4, 4, 4, 4, 4, 8}; !slices.Equal(widths, want) {
		t.Errorf("widths of inputs and weights %v, want %v", widths, want)
	}
	if a := Assumptions(file, "onnx"); !slices.Contains(a, EmulatedText) {
		t.Errorf("assumptions %q", a)
	}
	machine, err := arch.Load("gemmini-default", nil)
	if err != nil {
		t.Fatal(err)
	}
	small, err := netfile.Load(testdata.Data(t, "onnx/qonnx_fp8.onnx"), onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	method, err := ParseMethod("onnx", MethodContext{Network: small})
	if err != nil {
		t.Fatal(err)
	}
	images := &dataset.Images{Name: "three", N: 2, C: 3, H: 1, W: 1, Values: []float32{0.3, -0.5, 0.9, 0.1, 0.2, -0.8}, Labels: []int{0, 1}}
	out, err := Run(context.Background(), Job{Machine: machine, Network: small, Method: method, Data: images, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	if out.Quantized != nil || out.Workload == nil || out.Accuracy.Agreement != 1 || !slices.Equal(Executed(out), []string{EmulatedText}) {
		t.Errorf("%+v, %q", out.Accuracy, Executed(out))
	}
	if _, err := Quantize(context.Background(), small, method, nil, nil); err == nil || !strings.Contains(err.Error(), "no integers") {
		t.Errorf("%v", err)
	}
}
