package kernels_test

import (
	"fmt"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// perceptron has two inputs, a hidden layer of three and two outputs.
func perceptron() *kernels.Network {
	return &kernels.Network{Name: "perceptron", Output: 3, Nodes: []kernels.Node{
		{Name: "x", Op: kernels.Input{Shape: kernels.Shape{C: 2, H: 1, W: 1}}},
		{Name: "hidden", Op: kernels.Dense{Channels: 3}, Inputs: []int{0}, Weight: []float32{1, 1, 1, -1, -1, 1}, Bias: []float32{0, 0, 0}},
		{Name: "relu", Op: kernels.Relu{}, Inputs: []int{1}},
		{Name: "out", Op: kernels.Dense{Channels: 2}, Inputs: []int{2}, Weight: []float32{1, 0, 0, 0, 1, 1}, Bias: []float32{0, 0.5}},
	}}
}

func ExampleCompile() {
	plan, err := kernels.Compile(perceptron(), kernels.PlanOptions{})
	if err != nil {
		panic(err)
	}
	images := kernels.Batch{N: 2, Shape: plan.Net.InputShape(), Data: []float32{1, 2, 3, -4}}
	logits := make([]float32, images.N*plan.Classes)
	if err := plan.Run(images, logits); err != nil {
		panic(err)
	}
	fmt.Println(logits)
	// Output: [3 1.5 0 7.5]
}

func ExampleLowerShape() {
	net := perceptron()
	if err := net.InferShapes(); err != nil {
		panic(err)
	}
	widths := []workload.LayerWidths{{WeightBits: workload.Widths{8}, ActBits: 8}, {WeightBits: workload.Widths{4, 2}, ActBits: 4}}
	for _, op := range kernels.LowerShape(net, widths, true).Ops {
		fmt.Println(op.Name, op.M, "×", op.K, "weights of", op.WeightBits, "bits,", op.ActBits, "→", op.OutBits)
	}
	// Output:
	// hidden 3 × 2 weights of 8 bits, 8 → 4
	// out 2 × 3 weights of [4, 2] bits, 4 → 16
}
