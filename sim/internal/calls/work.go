package calls

// Units are the sizes of a machine's load and store units.
type Units struct {
	Lanes, Depth, Step int   // output channels, input channels and positions that the array takes at a time
	MaxBytes           int   // of a row that a command moves
	Base               int64 // where tensors begin, in bytes past a line
}

// Command is what a load or store unit is told at a time: rows of bytes at a distance in
// memory, or cycles in which it fills rows with zeros and moves nothing.
type Command struct {
	Address int64
	Rows    int32
	Bytes   int32 // of a row
	Step    int64 // between rows
	Zeros   int64 // cycles, where Rows is 0
	Tensor  Tensor
	Ready   bool // with it, one more part of the call can be executed
}

// Writer lists the commands of calls. Its slices are reused.
type Writer struct {
	p     *Product
	u     *Units
	base  [Tensors]int64
	Loads []Command
	Save  []Command
}

// align is what tensors begin at a multiple of, but for [Units.Base].
const align = 128

// Begin turns to a product and lays out its tensors.
func (w *Writer) Begin(p *Product, u *Units) {
	w.p, w.u = p, u
	at := u.Base
	for _, t := range [...]Tensor{Inputs, Weights, Outputs} {
		w.base[t] = at
		at += (p.Bytes(t)/align + 2) * align
	}
}

// Base is where a tensor begins.
func (w *Writer) Base(t Tensor) int64 { return w.base[t] }

// Write lists what a call loads and stores.
func (w *Writer) Write(b *Box) {
	w.Loads, w.Save = w.Loads[:0], w.Save[:0]
	if w.p.Matrix {
		w.loadMatrix(b)
	} else {
		if b.First() {
			w.zeros(int64(b.Size(Batch)) * int64(b.Size(Rows)) * int64(b.Size(Cols)) * ceil(b.Size(Outs), w.u.Lanes))
		}
		for k := b.Lo[Outs]; k < b.Hi[Outs]; k += w.perRow(w.p.WeightBits) {
			for r := b.Lo[KRows]; r < b.Hi[KRows]; r++ {
				for c := b.Lo[KCols]; c < b.Hi[KCols]; c++ {
					for i := b.Lo[Ins]; i < b.Hi[Ins]; i += w.u.Depth {
						w.weights(b, r, c, i, k)
					}
				}
			}
		}
		w.loadMap(b)
	}
	if b.Last(w.p) && !w.p.OutHeld {
		w.store(b)
	}
}

func ceil(a, b int) int64 { return int64((a + b - 1) / b) }

// perRow is the elements of a row that a command moves.
func (w *Writer) perRow(bits int) int { return max(1, w.u.MaxBytes*8/max(bits, 1)) }

func (w *Writer) zeros(cycles int64) {
	if cycles > 0 {
		w.Loads = append(w.Loads, Command{Zeros: cycles})
	}
}

// weights loads rows of output channels from k on, of input channels from i on.
func (w *Writer) weights(b *Box, r, c, i, k int) {
	p := w.p
	row := (int64(r)*int64(p.Extent[KCols])+int64(c))*int64(p.Extent[Ins]) + int64(i)
	w.Loads = append(w.Loads, Command{
		Address: w.base[Weights] + int64(b.Group)*p.weightGroup() + row*p.WeightStep + int64(k)*int64(p.WeightBits)/8,
		Rows:    int32(min(w.u.Depth, b.Hi[Ins]-i)), Bytes: int32(bytesOf(min(w.perRow(p.WeightBits), b.Hi[Outs]-k), p.WeightBits)),
		Step: p.WeightStep, Tensor: Weights,
	})
}

// loadMap loads the input map row by row; what lies outside is filled with zeros.
func (w *Writer) loadMap(b *Box) {
	p := w.p
	if p.InHeld {
		return
	}
	top := b.Lo[Rows]*p.Stride[0] + b.Lo[KRows]*p.Dilation[0] - p.Pad[0]
	left := b.Lo[Cols]*p.Stride[1] + b.Lo[KCols]*p.Dilation[1] - p.Pad[1]
	high, wide := p.Window(0, b.Size(Rows), b.Size(KRows)), p.Window(1, b.Size(Cols), b.Size(KCols))
	from, to := min(max(left, 0), p.In[1]), min(max(left+wide, 0), p.In[1])
	depth := ceil(b.Size(Ins), w.u.Depth)
	for n := b.Lo[Batch]; n < b.Hi[Batch]; n++ {
		for y := top; y < top+high; y++ {
			if y < 0 || y >= p.In[0] {
				w.zeros(int64(wide) * depth)
				continue
			}
			for x := from; x < to; x += w.u.Step {
				w.inputs(b, (int64(n)*int64(p.In[0])+int64(y))*int64(p.In[1])+int64(x), min(w.u.Step, to-x))
			}
			w.zeros(int64(wide-(to-from)) * depth)
		}
	}
}

// inputs loads the channels of so many positions.
func (w *Writer) inputs(b *Box, at int64, positions int) {
	p := w.p
	base := w.base[Inputs] + int64(b.Group)*p.InGroup + at*p.InStep
	per := w.perRow(p.InBits)
	for i := b.Lo[Ins]; i < b.Hi[Ins]; i += per {
		w.Loads = append(w.Loads, Command{
			Address: base + int64(i)*int64(p.InBits)/8, Rows: int32(positions),
			Bytes: int32(bytesOf(min(per, b.Hi[Ins]-i), p.InBits)), Step: p.InStep, Tensor: Inputs,
		})
	}
}

// loadMatrix loads both operands stretch by stretch of the reduction: a stretch can be
// executed once it is there.
func (w *Writer) loadMatrix(b *Box) {
	p := w.p
	per := max(w.u.Depth, w.perRow(p.InBits)/w.u.Depth*w.u.Depth)
	for lo := b.Lo[Ins]; lo < b.Hi[Ins]; lo += per {
		hi := min(lo+per, b.Hi[Ins])
		part := *b
		part.Lo[Ins], part.Hi[Ins] = lo, hi
		for x := b.Lo[Cols]; x < b.Hi[Cols] && !p.InHeld; x += w.u.Step {
			w.inputs(&part, int64(x), min(w.u.Step, b.Hi[Cols]-x))
		}
		for i := lo; i < hi; i += w.u.Depth {
			for k := b.Lo[Outs]; k < b.Hi[Outs]; k += w.perRow(p.WeightBits) {
				w.weights(&part, 0, 0, i, k)
			}
			w.Loads[len(w.Loads)-1].Ready = true
		}
	}
}

// store writes the outputs: a convolution as many channels at a time as the array has
// side by side, a matrix product as many as a row may have.
func (w *Writer) store(b *Box) {
	p := w.p
	per := w.perRow(p.OutBits)
	if !p.Matrix {
		per = min(per, w.u.Lanes)
	}
	for n := b.Lo[Batch]; n < b.Hi[Batch]; n++ {
		for y := b.Lo[Rows]; y < b.Hi[Rows]; y++ {
			for x := b.Lo[Cols]; x < b.Hi[Cols]; x += w.u.Step {
				at := (int64(n)*int64(p.Extent[Rows])+int64(y))*int64(p.Extent[Cols]) + int64(x)
				for k := b.Lo[Outs]; k < b.Hi[Outs]; k += per {
					w.Save = append(w.Save, Command{
						Address: w.base[Outputs] + int64(b.Group)*p.OutGroup + at*p.OutStep + int64(k)*int64(p.OutBits)/8,
						Rows:    int32(min(w.u.Step, b.Hi[Cols]-x)), Bytes: int32(bytesOf(min(per, b.Hi[Outs]-k), p.OutBits)),
						Step: p.OutStep, Tensor: Outputs,
					})
				}
			}
		}
	}
}
