package onnx

import (
	"slices"

	"bitcycle/kernels"
)

// fold multiplies constant scales and shifts (batch norms among them) into the
// layer, scale or normalization that they alone read, and drops them. It returns
// the new index of each node; outputs are those whose values are wanted.
func fold(net *kernels.Network, outputs []int) (*kernels.Network, []int, error) {
	readers := net.Readers()
	to := make([]int, len(net.Nodes)) // new index of each node
	out := &kernels.Network{Name: net.Name}
	for i, node := range net.Nodes {
		inputs := make([]int, len(node.Inputs))
		for j, in := range node.Inputs {
			inputs[j] = to[in]
		}
		if scale, ok := node.Op.(kernels.Scale); ok {
			source := node.Inputs[0]
			before := &out.Nodes[to[source]]
			if len(readers[source]) == 1 && !slices.Contains(outputs, source) && folds(before, scale) {
				to[i] = to[source]
				continue
			}
		}
		node.Inputs = inputs
		to[i] = len(out.Nodes)
		out.Nodes = append(out.Nodes, node)
	}
	out.Output = to[net.Output]
	return out, to, out.InferShapes()
}

// folds applies a scale to the output of a node, if it can be.
func folds(before *kernels.Node, scale kernels.Scale) bool {
	first, isScale := before.Op.(kernels.Scale)
	norm, isNorm := before.Op.(kernels.Norm)
	switch {
	case isNorm && norm.Factor == nil && norm.Offset == nil:
		norm.Factor, norm.Offset = scale.Factor, scale.Offset
		before.Op = norm
	case kernels.HasWeights(before.Op) && len(scale.Factor) == before.Shape.C:
		foldInto(before, scale)
	case isScale && len(first.Factor) == len(scale.Factor):
		both := kernels.Scale{Factor: make([]float32, len(first.Factor)), Offset: make([]float32, len(first.Factor))}
		for i, f := range scale.Factor {
			both.Factor[i] = first.Factor[i] * f
			both.Offset[i] = float32(float64(first.Offset[i])*float64(f) + float64(scale.Offset[i]))
		}
		before.Op = both
	default:
		return false
	}
	return true
}

// foldInto applies a scale to the output of a layer.
func foldInto(layer *kernels.Node, scale kernels.Scale) {
	if layer.Weight == nil { // shapes alone
		return
	}
	weights, k := make([]float32, len(layer.Weight)), layer.Reduction()
	bias, fold := make([]float32, len(layer.Bias)), make([]float32, len(layer.Bias))
	for m, s := range scale.Factor {
		for i := m * k; i < (m+1)*k; i++ {
			weights[i] = layer.Weight[i] * s
		}
		bias[m] = float32(float64(layer.Bias[m])*float64(s) + float64(scale.Offset[m]))
		fold[m] = s
		if layer.Fold != nil {
			fold[m] *= layer.Fold[m]
		}
	}
	layer.Weight, layer.Bias, layer.Fold = weights, bias, fold
}
