package kernels

// forwardInt is the slow, obvious integer executor: the codes of every node of
// one image in C, H, W order, from the definition of each operator on grids. It
// shares nothing with the plan but the fixed-point constants.
func forwardInt(q *Quantized, image []float32) [][]int32 {
	values := make([][]int32, len(q.Net.Nodes))
	layers := map[int]*QLayer{}
	for i := range q.Layers {
		layers[q.Layers[i].Node] = &q.Layers[i]
	}
	for n := range q.Net.Nodes {
		node := &q.Net.Nodes[n]
		if node.Op == OpInput {
			x := make([]float32, node.Shape.Size())
			toCHW(x, image, node.Shape)
			for _, v := range x {
				values[n] = append(values[n], q.Grids[n].Quantize(float64(v)))
			}
			continue
		}
		var in [][]int32
		var grids []Grid
		var shapes []Shape
		for _, j := range node.Inputs {
			want := q.Grids[j]
			if l := layers[n]; l != nil {
				want = l.In
			} else if node.Op.selects() {
				want = q.Grids[n]
			}
			in = append(in, regrid(values[j], q.Grids[j], want))
			grids, shapes = append(grids, want), append(shapes, q.Net.Nodes[j].Shape)
		}
		values[n] = forwardIntNode(q, n, layers[n], in, grids, shapes)
	}
	return values
}

func regrid(x []int32, from, to Grid) []int32 {
	if from == to {
		return x
	}
	lo, hi := to.Range()
	f, out := between(from, to), make([]int32, len(x))
	for i, v := range x {
		out[i] = f.apply(int64(v), lo, hi)
	}
	return out
}

func forwardIntNode(q *Quantized, n int, layer *QLayer, in [][]int32, grids []Grid, shapes []Shape) []int32 {
	node, grid := &q.Net.Nodes[n], q.Grids[n]
	lo, hi := grid.Range()
	s := node.Shape
	out := make([]int32, s.Size())
	if layer != nil {
		k := node.Reduction()
		f := layer.requantizers(k, grid)
		first := layer.firstRows()
		for m := range s.C {
			for p := range s.H * s.W {
				x := f[m].bias
				for r := first[m]; r < first[m+1]; r++ {
					x += rowSum(node, layer.W[r*k:(r+1)*k], m, p, in[0], shapes[0]) * int64(f[m].mult[r-first[m]])
				}
				out[m*s.H*s.W+p] = int32(min(max(x>>f[m].shift, int64(lo)), int64(hi)))
			}
		}
		return out
	}
	switch node.Op {
	case OpAdd:
		f := moveCodes([]float64{grids[0].Scale / grid.Scale, grids[1].Scale / grid.Scale}, []int64{grids[0].Magnitude(), grids[1].Magnitude()})
		for i := range out {
			x := int64(in[0][i])*int64(f.mult[0]) + int64(in[1][i])*int64(f.mult[1]) + f.bias
			out[i] = int32(min(max(x>>f.shift, int64(lo)), int64(hi)))
		}
	case OpScale:
		for c := range s.C {
			f := newFixed([]float64{float64(node.Scale[c]) * grids[0].Scale / grid.Scale}, float64(node.Bias[c])/grid.Scale, []int64{grids[0].Magnitude()})
			for p := range s.H * s.W {
				out[c*s.H*s.W+p] = f.apply(int64(in[0][c*s.H*s.W+p]), lo, hi)
			}
		}
	case OpRelu, OpClip:
		l := node.limits()
		least, most := lo, hi
		if node.Op == OpRelu {
			least = max(lo, 0)
		} else {
			least, most = grid.Quantize(float64(l.lo)), grid.Quantize(float64(l.hi))
		}
		for i, v := range in[0] {
			out[i] = min(max(v, least), most)
		}
	case OpAvgPool, OpGlobalPool:
		w := newWindow(node, shapes[0])
		if node.Op == OpGlobalPool {
			w = globalWindow(shapes[0])
		}
		for c := range s.C {
			for y := range s.H {
				for x := range s.W {
					sum, count := int64(0), 0
					for ky := range w.kernel[0] {
						for kx := range w.kernel[1] {
							iy, ix := y*w.stride[0]-w.pad[0]+ky*w.dilation[0], x*w.stride[1]-w.pad[1]+kx*w.dilation[1]
							inside := iy >= 0 && iy < shapes[0].H && ix >= 0 && ix < shapes[0].W
							if inside {
								sum += int64(in[0][(c*shapes[0].H+iy)*shapes[0].W+ix])
							}
							if inside || node.CountPad {
								count++
							}
						}
					}
					f := meanFixed(grids[0], grid, count)
					out[(c*s.H+y)*s.W+x] = f.apply(sum, lo, hi)
				}
			}
		}
	default: // selections do on codes what they do on numbers
		var real [][]float64
		for _, x := range in {
			var r []float64
			for _, v := range x {
				r = append(r, float64(v))
			}
			real = append(real, r)
		}
		for i, v := range forwardNode(node, real, shapes) {
			out[i] = int32(v)
		}
	}
	return out
}

// rowSum is Σ w·x for output channel m at position p.
func rowSum(node *Node, w []int16, m, p int, x []int32, in Shape) int64 {
	sum := int64(0)
	if node.Op == OpDense {
		for k, v := range x {
			sum += int64(w[k]) * int64(v)
		}
		return sum
	}
	cin := in.C / node.Groups
	c0 := m / (node.Shape.C / node.Groups) * cin
	oy, ox := p/node.Shape.W, p%node.Shape.W
	for c := range cin {
		for ky := range node.Kernel[0] {
			for kx := range node.Kernel[1] {
				iy, ix := oy*node.Stride[0]-node.Pad[0]+ky*node.Dilation[0], ox*node.Stride[1]-node.Pad[1]+kx*node.Dilation[1]
				if iy >= 0 && iy < in.H && ix >= 0 && ix < in.W {
					sum += int64(w[(c*node.Kernel[0]+ky)*node.Kernel[1]+kx]) * int64(x[((c0+c)*in.H+iy)*in.W+ix])
				}
			}
		}
	}
	return sum
}
