package onnx

import (
	"fmt"
	"math"
	"slices"
)

// The rules of products, windows and what resizes.

// ruleConv is a convolution of any rank; the weights are input w.
func ruleConv(w int) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		if err := need(in, 0, w); err != nil {
			return nil, err
		}
		x, k := in[0].dims, in[w].dims
		if len(x) < 3 || len(k) != len(x) {
			return nil, fmt.Errorf("weights %v do not fit input %v", k, x)
		}
		if groups := n.int("group", 1); groups < 1 || k[1]*groups != x[1] {
			return nil, fmt.Errorf("weights %v do not fit %d groups and input %v", k, groups, x)
		}
		out, err := slide(n, x[2:], k[2:])
		if err != nil {
			return nil, err
		}
		return []fact{{kind: in[0].kind, dims: append([]int64{x[0], k[0]}, out...)}}, nil
	}
}

func rulePool(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	x := in[0].dims
	if len(x) < 3 {
		return nil, fmt.Errorf("input %v: must have images, channels and a window", x)
	}
	out, err := slide(n, x[2:], n.attrs["kernel_shape"].ints)
	if err != nil {
		return nil, err
	}
	return []fact{{kind: in[0].kind, dims: append([]int64{x[0], x[1]}, out...)}}, nil
}

// spatial is what the attributes of a window say along each of its axes.
type spatial struct{ kernel, stride, dilation, before, after []int64 }

func readSpatial(n *node, rank int, kernel []int64) (spatial, error) {
	ones := slices.Repeat([]int64{1}, rank)
	w := spatial{kernel, ones, ones, make([]int64, rank), make([]int64, rank)}
	for name, to := range map[string]*[]int64{"kernel_shape": &w.kernel, "strides": &w.stride, "dilations": &w.dilation} {
		if a, ok := n.attrs[name]; ok {
			*to = a.ints
		}
		if len(*to) != rank || slices.ContainsFunc(*to, func(v int64) bool { return v < 1 || v > 1<<20 }) {
			return w, fmt.Errorf("%s %v: must have %d entries from 1 on", name, *to, rank)
		}
	}
	if a, ok := n.attrs["pads"]; ok {
		if len(a.ints) != 2*rank || slices.ContainsFunc(a.ints, func(v int64) bool { return v < 0 || v > 1<<20 }) {
			return w, fmt.Errorf("pads %v: must have %d entries from 0 on", a.ints, 2*rank)
		}
		w.before, w.after = a.ints[:rank], a.ints[rank:]
	}
	return w, nil
}

// slide returns how many positions a window has along each axis.
func slide(n *node, size, kernel []int64) ([]int64, error) {
	w, err := readSpatial(n, len(size), kernel)
	if err != nil {
		return nil, err
	}
	out := make([]int64, len(size))
	for d, s := range size {
		reach := w.dilation[d]*(w.kernel[d]-1) + 1
		room := s + w.before[d] + w.after[d] - reach
		switch n.attrs["auto_pad"].s {
		case "SAME_UPPER", "SAME_LOWER":
			out[d] = (s + w.stride[d] - 1) / w.stride[d]
			continue
		case "VALID":
			room = s - reach
		}
		if room < 0 {
			return nil, fmt.Errorf("window of %v is larger than %v", w.kernel, size)
		}
		out[d] = room/w.stride[d] + 1
		if n.int("ceil_mode", 0) == 1 && room%w.stride[d] != 0 && out[d]*w.stride[d] < s+w.before[d] {
			out[d]++
		}
	}
	return out, nil
}

func ruleConvTranspose(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0, 1); err != nil {
		return nil, err
	}
	x, k := in[0].dims, in[1].dims
	if len(x) < 3 || len(k) != len(x) || k[0] != x[1] {
		return nil, fmt.Errorf("weights %v do not fit input %v", k, x)
	}
	w, err := readSpatial(n, len(x)-2, k[2:])
	if err != nil {
		return nil, err
	}
	dims := []int64{x[0], k[1] * n.int("group", 1)}
	extra, shape := n.attrs["output_padding"].ints, n.attrs["output_shape"].ints
	for d, s := range x[2:] {
		out := (s-1)*w.stride[d] + w.dilation[d]*(w.kernel[d]-1) + 1 - w.before[d] - w.after[d]
		if d < len(extra) {
			out += extra[d]
		}
		switch n.attrs["auto_pad"].s {
		case "SAME_UPPER", "SAME_LOWER":
			out = s * w.stride[d]
		}
		if d < len(shape) {
			out = shape[d]
		}
		if out < 1 {
			return nil, fmt.Errorf("nothing is left of %v", x)
		}
		dims = append(dims, out)
	}
	return []fact{{kind: in[0].kind, dims: dims}}, nil
}

// ruleGlobal keeps images and channels.
func ruleGlobal(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	dims := slices.Clone(in[0].dims)
	last := n.int("channels_last", 0) == 1
	for i := range dims {
		if i > 1 && !last || i > 0 && i < len(dims)-1 && last {
			dims[i] = 1
		}
	}
	return []fact{{kind: in[0].kind, dims: dims}}, nil
}

// ruleMatMul is a product of stacks of matrices; the second factor is input b.
func ruleMatMul(b int) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		if err := need(in, 0, b); err != nil {
			return nil, err
		}
		dims, err := matmul(in[0].dims, in[b].dims)
		if err != nil {
			return nil, err
		}
		return []fact{{kind: in[0].kind, dims: dims}}, nil
	}
}

func matmul(a, b []int64) ([]int64, error) {
	if len(a) == 0 || len(b) == 0 {
		return nil, fmt.Errorf("product of %v and %v", a, b)
	}
	rows, cols := len(a) > 1, len(b) > 1
	if !rows {
		a = []int64{1, a[0]}
	}
	if !cols {
		b = []int64{b[0], 1}
	}
	if a[len(a)-1] != b[len(b)-2] {
		return nil, fmt.Errorf("product of %v and %v", a, b)
	}
	dims, err := broadcast(a[:len(a)-2], b[:len(b)-2])
	if err != nil {
		return nil, err
	}
	dims = slices.Clone(dims)
	if rows {
		dims = append(dims, a[len(a)-2])
	}
	if cols {
		dims = append(dims, b[len(b)-1])
	}
	if dims == nil {
		dims = []int64{}
	}
	return dims, nil
}

// ruleGemm also takes a stack of matrices as its first factor, as some exporters
// write it.
func ruleGemm(b int) rule {
	return func(f *facts, n *node, in []fact) ([]fact, error) {
		if err := need(in, 0, b); err != nil {
			return nil, err
		}
		x, w := slices.Clone(in[0].dims), in[b].dims
		for len(w) > 2 && w[0] == 1 {
			w = w[1:]
		}
		r := len(x)
		if r < 2 || len(w) != 2 {
			return nil, fmt.Errorf("product of %v and %v", x, w)
		}
		if n.int("transA", 0) != 0 {
			x[r-2], x[r-1] = x[r-1], x[r-2]
		}
		k, m := w[0], w[1]
		if n.int("transB", 0) != 0 {
			k, m = m, k
		}
		if x[r-1] != k {
			return nil, fmt.Errorf("product of %v and %v", in[0].dims, w)
		}
		x[r-1] = m
		return []fact{{kind: in[0].kind, dims: x}}, nil
	}
}

// ruleResize: by factors, or to sizes.
func ruleResize(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0); err != nil {
		return nil, err
	}
	x := in[0].dims
	scales, sizes := 2, 3
	if n.op == "Upsample" || f.opset == 10 {
		scales, sizes = 1, -1
	}
	rank := len(x)
	axes := n.attrs["axes"].ints
	if axes == nil {
		for i := range rank {
			axes = append(axes, int64(i))
		}
	}
	at, err := positions(axes, rank)
	if err != nil {
		return nil, err
	}
	dims := slices.Clone(x)
	if sizes >= 0 {
		list, err := n.list(in, "sizes", sizes)
		if err != nil {
			return nil, err
		}
		if len(list) == len(at) {
			for i, d := range at {
				dims[d] = list[i]
			}
			return []fact{{kind: in[0].kind, dims: dims}}, nil
		}
	}
	by := n.attrs["scales"].floats
	if t := input(in, scales).c; t != nil {
		if by, err = t.values32(); err != nil {
			return nil, err
		}
	}
	if len(by) != len(at) {
		return nil, fmt.Errorf("scales %v: must be constants for %d axes", by, len(at))
	}
	for i, d := range at {
		v := math.Floor(float64(x[d]) * float64(by[i]))
		if !(v >= 1 && v < 1<<31) {
			return nil, fmt.Errorf("scales %v of %v", by, x)
		}
		dims[d] = int64(v)
	}
	return []fact{{kind: in[0].kind, dims: dims}}, nil
}

// ruleRecurrent is LSTM, GRU or RNN: all states and the last ones.
func ruleRecurrent(f *facts, n *node, in []fact) ([]fact, error) {
	if err := need(in, 0, 2); err != nil {
		return nil, err
	}
	x, r := in[0].dims, in[2].dims
	if len(x) != 3 || len(r) != 3 {
		return nil, fmt.Errorf("input %v and recurrent weights %v: must have 3 axes", x, r)
	}
	dirs, hidden, steps, images := r[0], r[2], x[0], x[1]
	if n.int("layout", 0) == 1 {
		last := []int64{x[0], dirs, hidden}
		return []fact{{kind: in[0].kind, dims: []int64{x[0], x[1], dirs, hidden}}, {kind: in[0].kind, dims: last}, {kind: in[0].kind, dims: last}}, nil
	}
	last := []int64{dirs, images, hidden}
	return []fact{{kind: in[0].kind, dims: []int64{steps, dirs, images, hidden}}, {kind: in[0].kind, dims: last}, {kind: in[0].kind, dims: last}}, nil
}
