package onnx

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// Operators of com.microsoft of which the weights are codes and the inputs floats.

// dynamicProduct writes DynamicQuantizeMatMul out: the input is put on the grid of its
// range, both factors are numbers again, and are multiplied.
func (x *expander) dynamicProduct() error {
	if x.input(0) == "" || x.input(2) == "" || len(x.n.outputs) == 0 {
		return errors.New("input 1, 2, 3 or the output is missing")
	}
	parts := []string{x.name + "/codes", x.name + "/scale", x.name + "/zero"}
	x.out = append(x.out, node{name: parts[0], op: "DynamicQuantizeLinear", inputs: []string{x.input(0)}, outputs: parts})
	a := x.add("DequantizeLinear", "input0", nil, parts...)
	w := x.add("DequantizeLinear", "input1", map[string]attribute{"axis": intAttr(-1)}, x.input(1), x.input(2), x.input(3))
	x.product(a, w, x.input(4))
	return nil
}

// product appends a product, and the sum with a bias if there is one.
func (x *expander) product(a, w, bias string) {
	out := x.n.outputs[0]
	if bias == "" {
		x.out = append(x.out, node{name: x.name, op: "MatMul", inputs: []string{a, w}, outputs: []string{out}})
		return
	}
	y := x.add("MatMul", "product", nil, a, w)
	x.out = append(x.out, node{name: x.name, op: "Add", inputs: []string{y, bias}, outputs: []string{out}})
}

// blockedProduct writes MatMulNBits out: rows of 4- or 8-bit codes with a scale, and
// perhaps a zero point, for each block of the reduction. Without one it is the middle.
func (x *expander) blockedProduct() error {
	k, n, block, bits := x.n.int("K", 0), x.n.int("N", 0), x.n.int("block_size", 0), x.n.int("bits", 4)
	if k < 1 || n < 1 || block < 1 || k > 1<<24 || n > 1<<24 || block > 1<<16 || bits != 4 && bits != 8 || x.input(4) != "" {
		return fmt.Errorf("attributes K = %d, N = %d, block_size = %d, bits = %d: must be positive, with 4 or 8 bits and no group indices", k, n, block, bits)
	}
	blocks := (k + block - 1) / block
	codes, err := x.unpacked(1, bits, n*blocks, block)
	if err != nil {
		return err
	}
	codes = cutRows(codes, n, blocks*block, k)
	scale := x.given(2)
	if scale == nil || product(scale.dims) != n*blocks {
		return fmt.Errorf("scales %q: must be a constant of %d", x.input(2), n*blocks)
	}
	own := *scale
	own.name, own.dims = x.name+"/scales", []int64{n, blocks}
	zeros := bytes.Repeat([]byte{1 << (bits - 1)}, int(n*blocks))
	if x.input(3) != "" {
		packed, err := x.unpacked(3, bits, n, blocks)
		if err != nil {
			return err
		}
		zeros = packed
	}
	w := packedTensor(x.name+"/weights", bits, codes, n, k)
	z := packedTensor(x.name+"/zeros", bits, zeros, n, blocks)
	x.graph.initializers = append(x.graph.initializers, w, z, &own)
	v := x.add("DequantizeLinear", "rows", map[string]attribute{"axis": intAttr(1), "block_size": intAttr(block)}, w.name, own.name, z.name)
	t := x.add("Transpose", "columns", map[string]attribute{"perm": intsAttr(1, 0)}, v)
	x.product(x.input(0), t, x.input(5))
	return nil
}

// packedTensor is a constant of codes of 4 or 8 bits.
func packedTensor(name string, bits int64, codes []byte, dims ...int64) *tensor {
	t := &tensor{name: name, kind: typeUint8, dims: dims, raw: codes}
	if bits == 8 {
		return t
	}
	t.kind, t.raw = typeUint4, make([]byte, (len(codes)+1)/2)
	for i, c := range codes {
		t.raw[i/2] |= c << (4 * (i % 2))
	}
	return t
}

// given returns the initializer at an input, nil if it is none.
func (x *expander) given(at int) *tensor {
	for _, t := range x.graph.initializers {
		if t.name == x.input(at) {
			return t
		}
	}
	return nil
}

// unpacked returns rows of so many codes, each of which begins at a byte, the low half of
// a byte before the high one.
func (x *expander) unpacked(at int, bits, rows, each int64) ([]byte, error) {
	t := x.given(at)
	width := (each*bits + 7) / 8
	if t == nil || t.kind != typeUint8 || product(t.dims) != rows*width {
		return nil, fmt.Errorf("input %q: must be a constant of %d bytes", x.input(at), rows*width)
	}
	packed, err := t.bytes()
	if err != nil || bits == 8 {
		return packed, err
	}
	out := make([]byte, 0, rows*each)
	for row := range slices.Chunk(packed, int(width)) {
		for i := range each {
			out = append(out, row[i/2]>>(4*(i%2))&15)
		}
	}
	return out, nil
}

// bytes returns the elements of a tensor of uint8.
func (t *tensor) bytes() ([]byte, error) {
	if err := t.settle(); err != nil {
		return nil, err
	}
	n, err := t.size()
	if err != nil {
		return nil, err
	}
	if t.raw == nil {
		t.raw = convert(t.ints, func(c int64) byte { return byte(c) })
	}
	if len(t.raw) != n {
		return nil, t.countError(n)
	}
	return t.raw, nil
}

// cutRows cuts rows of a length down to k.
func cutRows(codes []byte, rows, length, k int64) []byte {
	if length == k {
		return codes
	}
	out := make([]byte, 0, rows*k)
	for row := range slices.Chunk(codes, int(length)) {
		out = append(out, row[:k]...)
	}
	return out
}
