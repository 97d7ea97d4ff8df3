// Package shipped holds the network that the product brings along: a small
// residual network trained on the set "glyphs" of package dataset.
//
// The weights come from "go generate ./kernels/shipped", which trains for a few
// minutes and gives the same file whatever the number of cores. AVX2 and
// AVX-512 give the same bits, but plain Go (kernels/gemm) rounds products before
// adding them and would give another file, about as good. Top-1 accuracy is
// 95.6 % of the test split.
package shipped

import (
	_ "embed"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/train"
)

//go:generate go run ./gen

//go:embed weights.safetensors
var weights []byte

// Name is the name of the network.
const Name = "resnet8-glyphs"

// Normalization maps the pixels of the set "glyphs" to the network's input.
var Normalization = dataset.Normalization{Mean: []float32{128}, Std: []float32{64}}

// Spec describes the network before training: ResNet-8 with 16, 32 and 64
// channels, 78 404 weights, one input channel of 32×32, 20 classes.
func Spec() *train.Spec {
	return train.ResNet(Name, kernels.Shape{C: 1, H: 32, W: 32}, []int{16, 32, 64}, 1, 20)
}

// Model returns the trained network in trainable form.
func Model(workers int) *train.Model {
	m, err := train.New(Spec(), 0, workers)
	if err == nil {
		err = m.SetWeights(weights)
	}
	if err != nil {
		panic("shipped: " + err.Error())
	}
	return m
}

// Network returns the trained network with its batch normalizations folded.
func Network() *kernels.Network {
	net, err := Model(1).Export()
	if err != nil {
		panic("shipped: " + err.Error())
	}
	return net
}

// File returns the trained network as one that was read from a network file, with its
// normalization.
func File() *netfile.File {
	return &netfile.File{Name: Name, Net: Network(), Mean: Normalization.Mean, Std: Normalization.Std}
}
