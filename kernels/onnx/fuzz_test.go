package onnx

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"

	"bitcycle/kernels"
)

// seedModels adds the small models beside the data, if they are there.
func seedModels(f *testing.F, folder string) {
	root := os.Getenv("BITCYCLE_DATA")
	if root == "" {
		return
	}
	paths, _ := filepath.Glob(filepath.Join(root, "../cases/import", folder, "*.onnx"))
	for _, path := range paths {
		if data, err := os.ReadFile(path); err == nil && len(data) < 1<<13 {
			f.Add(data)
		}
	}
}

// small tells whether a network runs in no time.
func small(net *kernels.Network) bool {
	work := 0
	for i := range net.Nodes {
		n := &net.Nodes[i]
		work += n.Shape.Size()
		if p, ok := net.Product(i); ok {
			work += p.K * n.Shape.Size()
		}
		switch o := n.Op.(type) {
		case kernels.MaxPool:
			work += area(o.Window) * n.Shape.Size()
		case kernels.AvgPool:
			work += area(o.Window) * n.Shape.Size()
		case kernels.LRN:
			work += min(o.Size, n.Shape.C) * n.Shape.Size()
		case kernels.MatMul, kernels.Recurrent:
			work += net.Nodes[n.Inputs[0]].Shape.Size() * net.Nodes[n.Inputs[0]].Shape.C
		}
		if work < 0 || work > 1<<18 {
			return false
		}
	}
	return true
}

// hostileModels are models with numbers that are none, shapes that are blown up or wrap,
// and less than they promise.
func hostileModels() [][]byte {
	nan := float32(math.NaN())
	whole := doubled(4).encode()
	return [][]byte{
		whole, whole[:len(whole)/2], whole[:3], doubled(21).encode(), doubled(70).encode(),
		newBuilder(13, 1, 2).constant(floatTensor("w", []float32{nan, 1}, 2, 1)).node("MatMul x,w -> y", nil).encode(),
		newBuilder(13, 1, 2).constant(floatTensor("w", []float32{1}, 1<<40, 1<<40)).node("MatMul x,w -> y", nil).encode(),
		newBuilder(13, 1, 30000).ints("s", 1<<31, 1<<31).node("ConstantOfShape s -> w", nil).node("MatMul x,w -> y", nil).encode(),
		newBuilder(13, 1, 2).node("LeakyRelu x -> y", attrs{"alpha": floatAttr(nan)}).encode(),
		newBuilder(13, 1<<31, 1<<31, 1<<31).node("Relu x -> y", nil).encode(),
		newBuilder(13, 1, 2).node("Relu y -> y", nil).encode(), // a circle
		newBuilder(13, 1, 1, 8, 8).node("MaxPool x -> y", attrs{"kernel_shape": intsAttr(1<<40, 1<<40), "strides": intsAttr(0, -1)}).encode(),
	}
}

// FuzzExecute reads models of any bytes as Load does, in numbers or in integers, and runs
// what is small.
func FuzzExecute(f *testing.F) {
	for _, folder := range []string{"idioms", "quantized", "keras"} {
		seedModels(f, folder)
	}
	f.Add(newBuilder(14, 1, 3, 2).floats("w", 1, 8, 2).floats("r", 1, 8, 2).node("Transpose x -> t", attrs{"perm": intsAttr(1, 0, 2)}).
		node("LSTM t,w,r -> y", attrs{"hidden_size": intAttr(2)}).encode())
	for _, seed := range hostileModels() {
		f.Add(seed)
	}
	f.Add(blocked(true).encode())
	for _, c := range qoperatorCases {
		f.Add(qoperator(&c).encode())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decodeEither(data, "", Options{})
		if err != nil || m.Executable() != nil || !small(m.Net) {
			return
		}
		x := kernels.Batch{N: 1, Shape: m.Net.InputShape(), Data: make([]float32, m.Net.InputShape().Size())}
		for i := range x.Data {
			x.Data[i] = float32(i%17) - 8
		}
		if m.Quantized != nil {
			p, err := kernels.CompileInt(m.Quantized, kernels.IntOptions{Workers: 1})
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Run(x, make([]int32, p.Classes)); err != nil {
				t.Fatal(err)
			}
		}
		p, err := kernels.Compile(m.Net, kernels.PlanOptions{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Run(x, make([]float32, p.Classes)); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzExecuteQuantized is FuzzExecute for models that are read as quantized ones.
func FuzzExecuteQuantized(f *testing.F) {
	seedModels(f, "quantized")
	for _, seed := range hostileModels() {
		f.Add(seed)
	}
	for _, c := range qoperatorCases {
		f.Add(qoperator(&c).encode())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		q, err := ImportQuantized(bytes.NewReader(data))
		if err != nil || !small(q.Net) {
			return
		}
		x := kernels.Batch{N: 1, Shape: q.Net.InputShape(), Data: make([]float32, q.Net.InputShape().Size())}
		for i := range x.Data {
			x.Data[i] = float32(i%13) - 6
		}
		p, err := kernels.CompileInt(q, kernels.IntOptions{Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Run(x, make([]int32, p.Classes)); err != nil {
			t.Fatal(err)
		}
	})
}

// area is how many values lie under a window.
func area(w kernels.Window) int {
	w = w.Complete()
	return w.Kernel[0] * w.Kernel[1]
}
