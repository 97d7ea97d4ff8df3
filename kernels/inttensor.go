package kernels

import "bitcycle/kernels/internal/lanes"

// code is what integer tensors are made of.
type code interface {
	uint8 | int8 | int16 | int32
}

// element is the type that a tensor's codes are stored in.
type element uint8

const (
	elemU8 element = iota
	elemI8
	elemI16
	elemI32
	elements
)

// tensor is a view of codes; the field that elem names is the one in use.
type tensor struct {
	elem element
	u8   view[uint8]
	i8   view[int8]
	i16  view[int16]
	i32  view[int32]
	Shape
	ld int
}

func (t *tensor) dense() bool { return t.ld == t.C }

func (t *tensor) pixels() int { return t.Pixels() }

// memory is one arena for each type of code.
type memory struct {
	u8  []uint8
	i8  []int8
	i16 []int16
	i32 []int32
}

// tensor returns the tensor that starts at an element of the arena of its type.
func (m *memory) tensor(e element, at, ld int, s Shape) tensor {
	t := tensor{elem: e, Shape: s, ld: ld}
	switch e {
	case elemU8:
		t.u8 = view[uint8]{m.u8[at:], ld, s}
	case elemI8:
		t.i8 = view[int8]{m.i8[at:], ld, s}
	case elemI16:
		t.i16 = view[int16]{m.i16[at:], ld, s}
	case elemI32:
		t.i32 = view[int32]{m.i32[at:], ld, s}
	}
	return t
}

// load widens n codes from element at on into dst.
func (t *tensor) load(dst []int32, at int) {
	switch t.elem {
	case elemU8:
		widenTo(dst, t.u8.data[at:])
	case elemI8:
		widenTo(dst, t.i8.data[at:])
	case elemI16:
		widenTo(dst, t.i16.data[at:])
	case elemI32:
		copy(dst, t.i32.data[at:])
	}
}

// addTo adds the codes from element at on to sums.
func (t *tensor) addTo(sum []int32, at int) {
	switch t.elem {
	case elemU8:
		lanes.Add(sum, t.u8.data[at:])
	case elemI8:
		lanes.Add(sum, t.i8.data[at:])
	case elemI16:
		lanes.Add(sum, t.i16.data[at:])
	case elemI32:
		lanes.Add(sum, t.i32.data[at:])
	}
}

// store narrows codes into the tensor from element at on.
func (t *tensor) store(src []int32, at int) {
	switch t.elem {
	case elemU8:
		narrowTo(t.u8.data[at:], src)
	case elemI8:
		narrowTo(t.i8.data[at:], src)
	case elemI16:
		narrowTo(t.i16.data[at:], src)
	case elemI32:
		copy(t.i32.data[at:], src)
	}
}

func widenTo[D int16 | int32, S code](dst []D, src []S) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = D(v)
	}
}

func narrowTo[D code](dst []D, src []int32) {
	dst = dst[:len(src)]
	for i, v := range src {
		dst[i] = D(v)
	}
}

// stretch is how many elements are worked on at a time.
const stretch = 2048

// stretches calls f for the runs of elements that make up the images of tensors
// of one shape, at the same pixels of each. If all are dense the runs are long,
// else a pixel each. pixel is the first.
func stretches(images int, f func(pixel, elements int), ts ...*tensor) {
	pixels, c := images*ts[0].pixels(), ts[0].C
	per := max(stretch/c, 1)
	for _, t := range ts {
		if !t.dense() {
			per = 1
		}
	}
	for p := 0; p < pixels; p += per {
		f(p, min(per, pixels-p)*c)
	}
}
