package workload

import (
	"slices"

	"bitcycle/internal/strict"
)

// reader turns the form of one op into an Op and collects what is wrong, and with held
// what every key is held to.
type reader struct {
	doc   *strict.File
	index int
	form  *opForm
	errs  []error
	held  strict.Holds
}

func (r *reader) bad(key, rule string, args ...any) {
	r.errs = append(r.errs, r.doc.Error("op", r.index, key, rule, args...))
}

// in reports v unless lo ≤ v ≤ hi.
func (r *reader) in(key string, v, lo, hi int) int {
	r.held.Between(key, float64(lo), float64(hi))
	if v < lo || v > hi {
		r.bad(key, "must be %d to %d", lo, hi)
		return lo
	}
	return v
}

// optional returns *v, or otherwise when the key is absent, within [lo, hi].
func (r *reader) optional(key string, v *int, otherwise, lo, hi int) int {
	r.held.Between(key, float64(lo), float64(hi))
	if r.held.Default(key, otherwise); v == nil {
		return otherwise
	}
	return r.in(key, *v, lo, hi)
}

// required reports an absent key.
func (r *reader) required(key string, v *int, lo, hi int) int {
	r.held.Between(key, float64(lo), float64(hi))
	if r.held.Needed(key); v == nil {
		r.bad(key, "is missing: must be %d to %d", lo, hi)
		return lo
	}
	return r.in(key, *v, lo, hi)
}

func (r *reader) op(index map[string]int) Op {
	f := r.form
	kind, ok := kinds[f.Kind]
	r.held.Words("kind", kindNames)
	r.held.Needed("kind")
	r.held.Filled("name")
	r.held.Needed("name")
	if !ok {
		r.bad("kind", "must be conv, depthwise, matmul, chain or vector")
	}
	op := Op{Name: f.Name, Kind: kind, Groups: 1, ActSigned: f.ActSigned}
	op.Batch = r.optional("batch", f.Batch, 1, 1, limit)
	widest := MaxBits
	if kind == Vector {
		widest = MaxVectorBits
	}
	op.ActBits = uint8(r.optional("act_bits", f.ActBits, 8, 1, widest))
	op.OutBits = uint8(r.in("out_bits", f.OutBits, 0, MaxVectorBits))
	op.VectorOps = r.in("vector_ops", f.VectorOps, 0, maxElements)
	for _, name := range f.From {
		producer, ok := index[name]
		if !ok {
			r.bad("from", "%q is no earlier op", name)
			continue
		}
		op.From = append(op.From, producer)
	}
	switch kind {
	case Conv, Depthwise:
		r.window(&op)
	case MatMul:
		op.M, op.K, op.N = r.required("m", f.M, 1, limit), r.required("k", f.K, 1, limit), r.optional("n", f.N, 1, 1, limit)
		op.Groups = r.optional("groups", f.Groups, 1, 1, limit)
	case Chain:
		r.held.Needed("length")
		r.held.Needed("rows")
		op.Recursion = Recursion{
			Length: r.in("length", f.Length, 1, limit), Rows: r.in("rows", f.Rows, 1, limit), Block: r.in("block", f.Block, 0, limit),
			Order: r.optional("order", f.Order, 1, 1, 8), StateBits: uint8(r.optional("state_bits", f.StateBits, 16, 1, 64)),
		}
	case Vector:
		r.held.Needed("elements_out")
		op.ElementsIn, op.ElementsOut = r.in("elements_in", f.ElementsIn, 0, maxElements), r.in("elements_out", f.ElementsOut, 1, maxElements)
	}
	if op.Dynamic = f.Dynamic; op.Dynamic && (kind != MatMul || op.Batch != 1 || f.Points != nil) {
		r.bad("dynamic", "must be a matmul of batch 1 without points")
	}
	if kind <= MatMul {
		r.bits(&op)
	}
	return op
}

// list copies the numbers of a key, each from least to limit, into to, if they are as
// many; form says which they are.
func (r *reader) list(key string, v []int, least int, form string, to []int) bool {
	r.held.Between(key, float64(least), limit)
	if r.held.Lengths(key, len(to)); len(v) != len(to) {
		r.bad(key, "must be %s", form)
		return false
	}
	for i := range v {
		to[i] = r.in(key, v[i], least, limit)
	}
	return true
}

// window reads the geometry of a convolution.
func (r *reader) window(op *Op) {
	f := r.form
	r.held.Needed("in")
	r.held.Needed("kernel")
	shape := r.list("in", f.In, 1, "[channels, height, width]", op.In[:])
	if !r.list("kernel", f.Kernel, 1, "[height, width]", op.Kernel[:]) || !shape {
		return
	}
	op.Stride = r.pair("stride", f.Stride)
	op.Dilation = r.pair("dilation", f.Dilation)
	op.Pad = r.padding()
	channels := op.In[0]
	if op.Kind == Depthwise {
		op.Groups = channels
		op.M = 1
		if f.OutChannels != nil {
			op.M = r.in("out_channels", *f.OutChannels, 1, limit) / channels
			if *f.OutChannels%channels != 0 {
				r.bad("out_channels", "must be a multiple of the %d input channels", channels)
			}
		}
	} else {
		op.Groups = r.optional("groups", f.Groups, 1, 1, channels)
		out := r.required("out_channels", f.OutChannels, 1, limit)
		if channels%op.Groups != 0 || out%op.Groups != 0 {
			r.bad("groups", "must divide the %d input and the %d output channels", channels, out)
		}
		op.M = out / op.Groups
	}
	op.K = channels / op.Groups * op.Kernel[0] * op.Kernel[1]
	r.outputs(op)
}

// outputs sets the output size: whole windows, unless the file says otherwise.
func (r *reader) outputs(op *Op) {
	for i := range 2 {
		span := op.In[i+1] + op.Pad[i] + op.Pad[i+2] - op.Dilation[i]*(op.Kernel[i]-1) - 1
		if span < 0 {
			r.bad("kernel", "does not fit the padded input")
			return
		}
		op.Out[i] = span/op.Stride[i] + 1
	}
	if (r.form.Out != nil || r.held != nil) && !r.list("out", r.form.Out, 1, "[height, width]", op.Out[:]) {
		return
	}
	op.N = op.Out[0] * op.Out[1]
}

func (r *reader) pair(key string, v ints) [2]int {
	pair := [2]int{1, 1}
	r.sides(key, v, 1, "[vertical, horizontal]", pair[:])
	return pair
}

func (r *reader) padding() (pad [4]int) {
	r.sides("pad", r.form.Pad, 0, "[top, left, bottom, right]", pad[:])
	return pad
}

// sides is list for numbers of which one stands for all, and none for what is in to.
func (r *reader) sides(key string, v ints, least int, form string, to []int) {
	r.held.Default(key, to[0])
	if r.held.Lengths(key, 1); len(v) == 0 && r.held == nil {
		return
	}
	if len(v) == 1 {
		one := r.in(key, v[0], least, limit)
		copy(to, slices.Repeat([]int{one}, len(to)))
		return
	}
	r.list(key, v, least, "one integer or "+form, to)
}

// bits reads the widths and the points of an op with weights.
func (r *reader) bits(op *Op) {
	r.held.Between("points", 1, mostPoints)
	for _, p := range r.form.Points {
		op.Points = append(op.Points, uint8(r.in("points", p, 1, mostPoints)))
	}
	r.held.Between("weight_bits", 0, MaxBits)
	r.held.Default("weight_bits", 8)
	if op.WeightBits = r.form.WeightBits; op.WeightBits == nil {
		op.WeightBits = Widths{8}
	}
}

// check holds an op whose sizes are in range against the rules of [Op].
func (r *reader) check(op *Op) {
	if op.Points != nil && len(op.Points) != op.Channels() {
		r.bad("points", "must have one entry per output channel: %d", op.Channels())
		return
	}
	if op.Kind <= MatMul {
		if err := op.WeightBits.Check(op.VirtualChannels()); err != nil {
			r.bad("weight_bits", "%w", err)
			return
		}
	}
	single := Workload{Ops: []Op{*op}}
	single.Ops[0].From = nil
	if err := single.Validate(); err != nil {
		r.bad("", "%w", err)
	}
}
