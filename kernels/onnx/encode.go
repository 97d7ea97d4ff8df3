package onnx

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// irVersion is the version of the format that written models name (ONNX 1.12).
const irVersion = 8

// Attribute types of AttributeProto.
const (
	attrFloat  = 1
	attrInt    = 2
	attrString = 3
	attrTensor = 4
	attrFloats = 6
	attrInts   = 7
)

// message is a protobuf message under construction.
type message []byte

func (b *message) int(num protowire.Number, v int64) {
	*b = protowire.AppendVarint(protowire.AppendTag(*b, num, protowire.VarintType), uint64(v))
}

func (b *message) bytes(num protowire.Number, v []byte) {
	*b = protowire.AppendBytes(protowire.AppendTag(*b, num, protowire.BytesType), v)
}

func (b *message) text(num protowire.Number, v string) {
	if v != "" {
		b.bytes(num, []byte(v))
	}
}

func (b *message) float(num protowire.Number, v float32) {
	*b = protowire.AppendFixed32(protowire.AppendTag(*b, num, protowire.Fixed32Type), math.Float32bits(v))
}

// encode writes a model as ONNX.
func (m *model) encode() []byte {
	var b message
	b.int(1, irVersion)
	b.text(2, "bitcycle")
	b.bytes(7, m.graph.encode())
	b.bytes(8, encodeOpset("", m.opset))
	for _, domain := range slices.Sorted(maps.Keys(m.domains)) {
		b.bytes(8, encodeOpset(domain, m.domains[domain]))
	}
	for _, key := range slices.Sorted(maps.Keys(m.meta)) {
		b.bytes(14, encodeEntry(key, m.meta[key]))
	}
	return b
}

func encodeEntry(key, value string) []byte {
	var b message
	b.text(1, key)
	b.text(2, value)
	return b
}

func encodeOpset(domain string, version int64) []byte {
	var b message
	b.text(1, domain)
	b.int(2, version)
	return b
}

func (g *graph) encode() []byte {
	var b message
	for i := range g.nodes {
		b.bytes(1, g.nodes[i].encode())
	}
	b.text(2, g.name)
	for _, t := range g.initializers {
		b.bytes(5, t.encode())
	}
	for _, v := range g.inputs {
		b.bytes(11, v.encode())
	}
	for _, v := range g.outputs {
		b.bytes(12, v.encode())
	}
	return b
}

func (n *node) encode() []byte {
	var b message
	for _, name := range n.inputs {
		b.bytes(1, []byte(name))
	}
	for _, name := range n.outputs {
		b.bytes(2, []byte(name))
	}
	b.text(3, n.name)
	b.text(4, n.op)
	for _, name := range slices.Sorted(maps.Keys(n.attrs)) {
		b.bytes(5, n.attrs[name].encode(name))
	}
	b.text(7, n.domain)
	return b
}

func (a attribute) encode(name string) []byte {
	var b message
	b.text(1, name)
	switch a.kind {
	case attrFloat:
		b.float(2, a.f)
	case attrInt:
		b.int(3, a.i)
	case attrString:
		b.text(4, a.s)
	case attrTensor:
		b.bytes(5, a.t.encode())
	case attrFloats:
		for _, f := range a.floats {
			b.float(7, f)
		}
	case attrInts:
		for _, i := range a.ints {
			b.int(8, i)
		}
	}
	b.int(20, a.kind)
	return b
}

func (t *tensor) encode() []byte {
	var b message
	for _, d := range t.dims {
		b.int(1, d)
	}
	b.int(2, t.kind)
	for _, f := range t.floats {
		b.float(4, f)
	}
	for _, i := range t.ints {
		num := protowire.Number(5)
		if t.kind == typeInt64 {
			num = 7
		}
		b.int(num, i)
	}
	b.text(8, t.name)
	if t.raw != nil {
		b.bytes(9, t.raw)
	}
	for _, key := range slices.Sorted(maps.Keys(t.file)) {
		b.bytes(13, encodeEntry(key, t.file[key]))
	}
	if t.file != nil {
		b.int(14, 1)
	}
	return b
}

func (v *valueInfo) encode() []byte {
	var shape message
	for _, d := range v.dims {
		var dim message
		if d >= 0 {
			dim.int(1, d)
		} else {
			dim.text(2, "N")
		}
		shape.bytes(1, dim)
	}
	var tensorType, valueType, b message
	tensorType.int(1, v.elemType)
	tensorType.bytes(2, shape)
	valueType.bytes(1, tensorType)
	b.text(1, v.name)
	b.bytes(2, valueType)
	return b
}

// Constructors of what written models consist of.

func intAttr(v int64) attribute { return attribute{kind: attrInt, i: v} }

func floatAttr(v float32) attribute { return attribute{kind: attrFloat, f: v} }

func stringAttr(v string) attribute { return attribute{kind: attrString, s: v} }

func intsAttr[T int | int64](v ...T) attribute {
	a := attribute{kind: attrInts}
	for _, x := range v {
		a.ints = append(a.ints, int64(x))
	}
	return a
}

// floatTensor is a float32 constant.
func floatTensor(name string, v []float32, dims ...int) *tensor {
	raw := make([]byte, 0, 4*len(v))
	for _, x := range v {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return &tensor{name: name, kind: typeFloat, dims: sizes(dims), raw: raw}
}

// intTensor is an integer constant of the given type.
func intTensor[T int | int64 | int16 | int32](name string, kind int64, v []T, dims ...int) *tensor {
	t := &tensor{name: name, kind: kind, dims: sizes(dims)}
	for _, x := range v {
		t.ints = append(t.ints, int64(x))
	}
	return t
}

func sizes(dims []int) []int64 {
	out := make([]int64, len(dims))
	for i, d := range dims {
		out[i] = int64(d)
	}
	return out
}
