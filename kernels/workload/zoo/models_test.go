package zoo

import (
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/workload"
)

// The products of a shipped workload are, one by one, those that the network's
// published model lowers to.
func TestProductsOfModels(t *testing.T) {
	for name, file := range map[string]string{
		"tiny-resnet8": "onnx/mlperf_ic_float.onnx", "tiny-mobilenet": "onnx/mlperf_vww_float.onnx",
	} {
		model, err := onnx.Load(testdata.Data(t, file), onnx.Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		net := model.Net
		layers := make([]workload.LayerWidths, len(net.Layers()))
		for i := range layers {
			layers[i] = workload.LayerWidths{WeightBits: workload.Widths{width}, ActBits: width}
		}
		got, want := products(find(name).Workload()), products(kernels.LowerShape(net, layers, true))
		if len(got) != len(want) {
			t.Errorf("%s: %d products, the model has %d", name, len(got), len(want))
		}
		for op, n := range want {
			if got[op] != n {
				t.Errorf("%s: %d products %+v, the model has %d", name, got[op], op, n)
			}
		}
	}
}

// shape is an op without its name, its widths and its place.
type shape struct {
	kind                     workload.Kind
	m, k, n, groups          int
	in                       [3]int
	pad                      [4]int
	kernel, stride, dilation [2]int
}

func products(w *workload.Workload) map[shape]int {
	count := map[shape]int{}
	for i := range w.Ops {
		if op := &w.Ops[i]; op.Kind <= workload.MatMul {
			count[shape{op.Kind, op.M, op.K, op.N, op.Groups, op.In, op.Pad, op.Kernel, op.Stride, op.Dilation}]++
		}
	}
	return count
}
