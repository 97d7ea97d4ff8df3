package kernels

import "math"

// forward is the slow, obvious float executor: every node of one image as a
// float64 tensor in C, H, W order, straight from the definition of its operator.
func forward(net *Network, image []float32) [][]float64 {
	values := make([][]float64, len(net.Nodes))
	for i := range net.Nodes {
		node := &net.Nodes[i]
		var in [][]float64
		var shapes []Shape
		for _, j := range node.Inputs {
			in, shapes = append(in, values[j]), append(shapes, net.Nodes[j].Shape)
		}
		if node.Op == OpInput {
			x := make([]float32, node.Shape.Size())
			toCHW(x, image, node.Shape)
			for _, v := range x {
				values[i] = append(values[i], float64(v))
			}
			continue
		}
		values[i] = forwardNode(node, in, shapes)
	}
	return values
}

func forwardNode(node *Node, in [][]float64, shapes []Shape) []float64 {
	s := node.Shape
	out := make([]float64, s.Size())
	each := func(f func(c, y, x int) float64) {
		for c := range s.C {
			for y := range s.H {
				for x := range s.W {
					out[(c*s.H+y)*s.W+x] = f(c, y, x)
				}
			}
		}
	}
	at := func(k, c, y, x int) (float64, bool) {
		t := shapes[k]
		if c < 0 || c >= t.C || y < 0 || y >= t.H || x < 0 || x >= t.W {
			return 0, false
		}
		return in[k][(c*t.H+y)*t.W+x], true
	}
	window := func(y, x int, f func(ky, kx, iy, ix int)) {
		for ky := range node.Kernel[0] {
			for kx := range node.Kernel[1] {
				f(ky, kx, y*node.Stride[0]-node.Pad[0]+ky*node.Dilation[0], x*node.Stride[1]-node.Pad[1]+kx*node.Dilation[1])
			}
		}
	}
	switch node.Op {
	case OpConv:
		cin, cout := shapes[0].C/node.Groups, s.C/node.Groups
		each(func(c, y, x int) float64 {
			sum := float64(node.Bias[c])
			window(y, x, func(ky, kx, iy, ix int) {
				for ci := range cin {
					v, _ := at(0, c/cout*cin+ci, iy, ix)
					sum += v * float64(node.Weight[((c*cin+ci)*node.Kernel[0]+ky)*node.Kernel[1]+kx])
				}
			})
			return sum
		})
	case OpDense:
		each(func(c, _, _ int) float64 {
			sum := float64(node.Bias[c])
			for k, v := range in[0] {
				sum += v * float64(node.Weight[c*len(in[0])+k])
			}
			return sum
		})
	case OpMaxPool:
		each(func(c, y, x int) float64 {
			best := math.Inf(-1)
			window(y, x, func(_, _, iy, ix int) {
				if v, ok := at(0, c, iy, ix); ok {
					best = max(best, v)
				}
			})
			return best
		})
	case OpAvgPool:
		each(func(c, y, x int) float64 {
			sum, count := 0.0, 0
			window(y, x, func(_, _, iy, ix int) {
				v, ok := at(0, c, iy, ix)
				sum += v
				if ok || node.CountPad {
					count++
				}
			})
			return sum / float64(count)
		})
	case OpGlobalPool:
		each(func(c, _, _ int) float64 {
			sum := 0.0
			for _, v := range in[0][c*shapes[0].H*shapes[0].W : (c+1)*shapes[0].H*shapes[0].W] {
				sum += v
			}
			return sum / float64(shapes[0].H*shapes[0].W)
		})
	case OpConcat:
		out = out[:0]
		for _, v := range in {
			out = append(out, v...)
		}
	case OpPad:
		each(func(c, y, x int) float64 {
			v, _ := at(0, c-node.PadC[0], y-node.Pad[0], x-node.Pad[1])
			return v
		})
	case OpSlice:
		each(func(c, y, x int) float64 {
			v, _ := at(0, node.Start[0]+c*node.Step[0], node.Start[1]+y*node.Step[1], node.Start[2]+x*node.Step[2])
			return v
		})
	case OpSoftmax:
		each(func(c, y, x int) float64 {
			v, _ := at(0, c, y, x)
			sum := 0.0
			for k := range s.C {
				u, _ := at(0, k, y, x)
				sum += math.Exp(u - v)
			}
			return 1 / sum
		})
	case OpLRN:
		each(func(c, y, x int) float64 {
			sum := 0.0
			for k := c - (node.LRNSize-1)/2; k <= c+node.LRNSize/2; k++ {
				u, _ := at(0, k, y, x)
				sum += u * u
			}
			v, _ := at(0, c, y, x)
			return v / math.Pow(float64(node.LRNOffset)+float64(node.Alpha)/float64(node.LRNSize)*sum, float64(node.Beta))
		})
	default:
		each(func(c, y, x int) float64 {
			v, _ := at(0, c, y, x)
			switch node.Op {
			case OpRelu:
				return max(v, 0)
			case OpClip:
				return min(max(v, float64(node.Lo)), float64(node.Hi))
			case OpAdd:
				u, _ := at(1, c, y, x)
				return u + v
			case OpScale:
				return v*float64(node.Scale[c]) + float64(node.Bias[c])
			case OpFlatten:
				return in[0][c]
			}
			panic("unknown operator")
		})
	}
	return out
}
