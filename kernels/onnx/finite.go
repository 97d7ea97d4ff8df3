package onnx

import (
	"errors"
	"fmt"
	"math"

	"bitcycle/kernels"
)

// numbers is a list of constants of a network.
type numbers struct {
	what     string
	list     []float32
	infinite bool // infinite ones make sense, such as those that mask values
}

// constantsIn returns the constants of a node.
func constantsIn(n *kernels.Node) []numbers {
	own := []numbers{{"weight", n.Weight, false}, {"bias", n.Bias, false}}
	switch o := n.Op.(type) {
	case kernels.Scale:
		own = append(own, numbers{"factor", o.Factor, false}, numbers{"offset", o.Offset, true})
	case kernels.Norm:
		own = append(own, numbers{"factor", o.Factor, false}, numbers{"offset", o.Offset, false})
	case kernels.Constant:
		own = append(own, numbers{"value", o.Values, true})
	case kernels.Embedding:
		own = append(own, numbers{"value", o.Table, false})
	case kernels.PRelu:
		own = append(own, numbers{"slope", o.Slope, false})
	case kernels.Fold:
		own = append(own, numbers{"bias", o.Bias, false})
	case kernels.Recurrent:
		own = append(own, numbers{"recurrent weight", o.R, false}, numbers{"bias", o.Bias, false})
	}
	return own
}

// finite reports the constants of a network that are no numbers, the first of each node
// and at most [mostObstacles] of them.
func finite(net *kernels.Network) error {
	var errs []error
	for i := range net.Nodes {
		n := &net.Nodes[i]
		for _, c := range constantsIn(n) {
			for k, v := range c.list {
				if v-v == 0 || c.infinite && v == v {
					continue
				}
				errs = append(errs, fmt.Errorf("node %q (%s): %s %d is %v", n.Name, n.Op.Name(), c.what, k, v))
				break
			}
		}
		if len(errs) >= mostObstacles {
			break
		}
	}
	return errors.Join(errs...)
}

// finiteLayers is finite for what the layers of a quantized network are multiplied by.
func finiteLayers(q *kernels.Quantized) error {
	var errs []error
	for i := range q.Layers {
		l := &q.Layers[i]
		for _, c := range []struct {
			what string
			list []float64
		}{{"scale", l.RowScale}, {"gain", l.Gain}, {"bias", l.Bias}} {
			for k, v := range c.list {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					errs = append(errs, fmt.Errorf("layer %q: %s %d is %v", q.Net.Nodes[l.Node].Name, c.what, k, v))
					break
				}
			}
		}
		if len(errs) >= mostObstacles {
			break
		}
	}
	return errors.Join(errs...)
}
