package onnx

import (
	"slices"
	"strings"
	"testing"

	"bitcycle/kernels/workload"
)

// blocked is MatMulNBits of 3 weights in a block of 16, of 2 columns.
func blocked(zeros bool) *builder {
	rows := []int{0x21, 0x0f, 0, 0, 0, 0, 0, 0, 0x98, 0x07, 0, 0, 0, 0, 0, 0} // 1 2 15 and 8 9 7
	b := newBuilder(21, 1, 3).constant(intTensor("w", typeUint8, rows, 2, 1, 8)).constant(floatTensor("s", []float32{0.5, 0.25}, 2)).
		constant(intTensor("z", typeUint8, []int{3, 9}, 2))
	in := "x,w,s"
	if zeros {
		in += ",z"
	}
	return b.node("MatMulNBits "+in+" -> y", attrs{"K": intAttr(3), "N": intAttr(2), "bits": intAttr(4), "block_size": intAttr(16)}).in("com.microsoft")
}

// Weights of four bits in blocks are those of com.microsoft: what is left out of zero
// points is the middle, 8, and their width is charged.
func TestMatMulNBits(t *testing.T) {
	x := []float32{1, 10, 100}
	for zeros, want := range map[bool][]float32{false: {0.5 * (-7 - 60 + 700), 0.25 * (0 + 10 - 100)}, true: {0.5 * (-2 - 10 + 1200), 0.25 * (-1 + 0 - 200)}} {
		m := blocked(zeros).either(t)
		near(t, "output", execute(t, m, x)[0], want, 1e-6)
		if len(m.Widths) != 1 || !slices.Equal(m.Widths[0].WeightBits, workload.Widths{4, 4}) {
			t.Errorf("widths %+v", m.Widths)
		}
	}
	b := blocked(false)
	b.graph.nodes[0].attrs["K"] = intAttr(40) // three blocks
	m, err := decodeEither(b.encode(), "", Options{})
	if err == nil {
		err = m.Executable()
	}
	if err == nil || !strings.Contains(err.Error(), `input "w": must be a constant of 48 bytes`) {
		t.Error(err)
	}
}

// The grid of the input is that of its range, 0 to 255 of steps of 2⁻⁵; 1.99 is 64 steps.
func TestDynamicQuantizeMatMul(t *testing.T) {
	b := newBuilder(13, 1, 2).constant(intTensor("w", typeInt8, []int{5, -1, 2, 4}, 2, 2)).constant(floatTensor("s", []float32{0.5, 2}, 2)).
		constant(intTensor("z", typeInt8, []int{1, 0}, 2)).constant(floatTensor("b", []float32{1, 2}, 2)).
		node("DynamicQuantizeMatMul x,w,s,z,b -> y", nil).in("com.microsoft")
	m := b.either(t)
	// (5−1)/2·2 + (2−1)/2·255/32 + 1 and −2·2 + 4·2·255/32 + 2
	near(t, "output", execute(t, m, []float32{1.99, 255.0 / 32})[0], []float32{5 + 255.0/64, -2 + 255.0/4}, 1e-6)
}

// Bounds of Max and Min, and slopes of PRelu, may differ from value to value.
func TestBoundsOfValues(t *testing.T) {
	x := []float32{-4, 1, 2, -3, 5, -6}
	c := floatTensor("c", []float32{0, 1, -1, -2, 3, 7}, 1, 2, 3)
	for op, want := range map[string][]float32{
		"Max": {0, 1, 2, -2, 5, 7}, "Min": {-4, 1, -1, -3, 3, -6}, "PRelu": {0, 1, 2, 6, 5, -42},
	} {
		m := newBuilder(13, 1, 2, 3).constant(c).node(op+" x,c -> y", nil).either(t)
		near(t, op, execute(t, m, x)[0], want, 1e-6)
	}
}

// A batch normalization scales the second axis, also where others were the channels.
func TestBatchNormOfRows(t *testing.T) {
	ones := floatTensor("o", []float32{1, 1}, 2)
	m := newBuilder(13, 1, 2, 2).constant(ones).constant(floatTensor("s", []float32{2, 3}, 2)).constant(floatTensor("z", []float32{0, 0}, 2)).
		node("Softmax x -> p", nil).node("BatchNormalization p,s,z,z,o -> y", attrs{"epsilon": floatAttr(0)}).either(t)
	near(t, "output", execute(t, m, []float32{1, 1, 5, 5})[0], []float32{1, 1, 1.5, 1.5}, 1e-6)
}

// What ceil_mode pads counts in a mean that counts padding, until operator set 19.
func TestMeanOfCeiling(t *testing.T) {
	a := attrs{"kernel_shape": intsAttr(2), "strides": intsAttr(2), "ceil_mode": intAttr(1), "count_include_pad": intAttr(1)}
	for opset, last := range map[int64]float32{13: 2.5, 19: 5} {
		m := newBuilder(opset, 1, 1, 3).node("AveragePool x -> y", a).either(t)
		near(t, "output", execute(t, m, []float32{1, 3, 5})[0], []float32{2, last}, 1e-6)
	}
}

// Windows that leave pixels between them are refused with SAME padding, on which
// frameworks differ.
func TestGapsOfSame(t *testing.T) {
	b := newBuilder(13, 1, 1, 3).node("MaxPool x -> y", attrs{"kernel_shape": intsAttr(1), "strides": intsAttr(3), "auto_pad": stringAttr("SAME_UPPER")})
	m, err := decodeEither(b.encode(), "", Options{})
	if err == nil {
		err = m.Executable()
	}
	if err == nil || !strings.Contains(err.Error(), "frameworks differ, write pads") {
		t.Error(err)
	}
}

// Which pixel is the nearest hangs on factors in float32: 3.5/0.7 − ½ is 4½ there, and its
// half goes down.
func TestNearestInFloat32(t *testing.T) {
	b := newBuilder(13, 1, 1, 1, 6).constant(floatTensor("by", []float32{1, 1, 1, 0.7}, 4)).node("Resize x,,by -> y", attrs{"mode": stringAttr("nearest")})
	near(t, "output", execute(t, b.either(t), []float32{0, 1, 2, 3, 4, 5})[0], []float32{0, 2, 3, 4}, 1e-6)
}
