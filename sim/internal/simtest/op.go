package simtest

import (
	"bitcycle/kernels/workload"

	"pgregory.net/rapid"
)

// Conv is a convolution with square input, kernel and stride, all channels at w bits.
func Conv(name string, in, size, out, kernel, stride int, w, a uint8) workload.Op {
	pad := kernel / 2
	o := (size+2*pad-kernel)/stride + 1
	return workload.Op{
		Name: name, Kind: workload.Conv, M: out, K: in * kernel * kernel, N: o * o, Groups: 1, Batch: 1,
		In: [3]int{in, size, size}, Kernel: [2]int{kernel, kernel}, Stride: [2]int{stride, stride},
		Pad: [4]int{pad, pad, pad, pad}, Dilation: [2]int{1, 1}, Out: [2]int{o, o},
		WeightBits: []uint8{w}, ActBits: a, VectorOps: 2,
	}
}

// Depthwise is a depthwise convolution.
func Depthwise(name string, channels, size, kernel, stride int, w, a uint8) workload.Op {
	op := Conv(name, 1, size, 1, kernel, stride, w, a)
	op.Kind, op.Groups, op.In[0] = workload.Depthwise, channels, channels
	return op
}

// Op draws a product.
func Op(t *rapid.T) workload.Op {
	act := uint8(drawWidth(t, "act", 1))
	size := rapid.IntRange(1, 9)
	var op workload.Op
	switch rapid.SampledFrom([]string{"conv", "depthwise", "grouped", "matmul"}).Draw(t, "kind") {
	case "conv":
		op = Conv("conv", size.Draw(t, "in"), 2*size.Draw(t, "side")+1, size.Draw(t, "out"), rapid.SampledFrom([]int{1, 3, 5}).Draw(t, "kernel"), rapid.IntRange(1, 2).Draw(t, "stride"), 8, act)
	case "depthwise":
		op = Depthwise("depthwise", size.Draw(t, "channels"), 2*size.Draw(t, "side")+1, 3, rapid.IntRange(1, 2).Draw(t, "stride"), 8, act)
	case "grouped":
		op = Conv("grouped", size.Draw(t, "in"), 2*size.Draw(t, "side")+1, size.Draw(t, "out"), 3, 1, 8, act)
		op.Groups = rapid.IntRange(1, 4).Draw(t, "groups")
		op.In[0] *= op.Groups
	default:
		op = workload.Op{Name: "matmul", Kind: workload.MatMul, M: size.Draw(t, "m"), K: rapid.IntRange(1, 99).Draw(t, "k"), N: size.Draw(t, "n"), Groups: 1, ActBits: act, VectorOps: 1}
	}
	op.Batch = rapid.IntRange(1, 2).Draw(t, "batch")
	op.WeightBits = Bits(t, op.Channels())
	return op
}

// drawWidth draws the width of an operand, seldom above 8 bits.
func drawWidth(t *rapid.T, name string, least int) int {
	return rapid.OneOf(rapid.IntRange(least, 8), rapid.IntRange(least, 8), rapid.IntRange(9, workload.MaxBits)).Draw(t, name)
}

// Bits draws a width for each channel, pruned ones among them.
func Bits(t *rapid.T, channels int) workload.Widths {
	bits := make(workload.Widths, channels)
	for i := range bits {
		bits[i] = uint8(drawWidth(t, "bits", 0))
	}
	return bits
}
