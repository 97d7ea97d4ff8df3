package onnx

import (
	"path/filepath"
	"slices"
	"testing"

	"bitcycle/internal/testdata"
)

// Operators of whole numbers compute what Deeploy's kernels do; the rows are made by
// hand. Codes of the input are int8.
func TestWholeOperators(t *testing.T) {
	for _, c := range []struct {
		name    string
		b       *builder
		x, want []float32
	}{
		{
			"ITAMax", newBuilder(10, 1, 2, 4).node("ITAMax x -> y", attrs{"n_levels": floatAttr(256)}),
			[]float32{127, 112, 111, -128, 0, 0, 0, 0},
			[]float32{101, 101, 50, 0, 63, 63, 63, 63}, // ⌊65280/(256+256+128+1)⌋ = 101
		},
		{
			"ITAPartialMax", newBuilder(10, 1, 1, 4).node("ITAPartialMax x -> y", attrs{"n_levels": intAttr(256), "group_width": intAttr(2)}),
			[]float32{-128, -1, 63, -1},
			[]float32{1, 20, 83, 20},
		},
		{
			"iSoftmax", newBuilder(10, 1, 1, 5).
				node("iSoftmax x -> y", attrs{"n_levels": intAttr(256), "coeffA": intAttr(1), "coeffB": intAttr(10), "coeffC": intAttr(100), "log2": intAttr(8)}),
			[]float32{8, 4, 0, -8, -16},
			[]float32{99, 67, 49, 24, 12},
		},
		{
			"iLayerNorm", newBuilder(10, 1, 2, 2).constant(floatTensor("w", []float32{30, 30}, 2)).constant(floatTensor("b", []float32{1, 1}, 2)).
				node("iLayerNorm x,w,b -> y", attrs{"D": floatAttr(8), "n_levels": intAttr(256)}),
			[]float32{-9, 4, 4, -9},
			[]float32{-5, 3, 3, -5},
		},
		{
			"iRMSNorm", newBuilder(10, 1, 1, 2).constant(floatTensor("w", []float32{30, -30}, 2)).
				node("iRMSNorm x,w -> y", attrs{"D": floatAttr(4), "n_levels": intAttr(256)}),
			[]float32{-9, 4},
			[]float32{-10, -5},
		},
		{
			"iGELU", newBuilder(10, 1, 1, 3).node("iGELU x -> y", attrs{"b": intAttr(-40), "one": intAttr(1743)}),
			[]float32{20, -20, -60},
			[]float32{30860, -4000, 0}, // 20·⌊(1743 + 1743 − 400)/2⌋ less 20·⌊400/2⌋, which is all on the other side
		},
		{
			"IntegerMean", newBuilder(10, 1, 4, 2).constant(floatTensor("m", []float32{1}, 1)).constant(floatTensor("a", []float32{0}, 1)).
				node("RequantShift x,m,a -> c", attrs{"div": intAttr(1), "n_levels": intAttr(256), "signed": intAttr(1)}).
				node("IntegerMean c -> y", attrs{"axes": intAttr(1), "keepdims": intAttr(0)}),
			[]float32{1, -1, 0, 0, 1, -1, 0, 0},
			[]float32{1, 0}, // ½ and −½ go up
		},
		{
			"IntegerDiv", newBuilder(10, 1, 2, 2).ints("at", 0).ints("to", 1).ints("axis", 2).
				node("Slice x,at,to,axis -> d", nil).node("IntegerDiv x,d -> y", attrs{"Delta": intAttr(10), "eta": intAttr(1), "eps": intAttr(1)}),
			[]float32{3, -1, 6, 3},
			[]float32{8, -3, 9, 4}, // 30/4, −10/4, 60/7, 30/7
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := decodeEither(c.b.encode(), "", Options{Codes: "int8"})
			if err != nil || m.Quantized == nil {
				t.Fatalf("%v, notes %q", err, m.Notes)
			}
			if got := executeInt(t, m, c.x)[0]; !slices.Equal(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
		})
	}
}

// Sums of sums of whole numbers are on whole numbers, however many there are.
func TestSumsOfSums(t *testing.T) {
	b := newBuilder(10, 1, 1, 3).constant(floatTensor("m", []float32{1}, 1)).constant(floatTensor("a", []float32{0}, 1)).
		node("RequantShift x,m,a -> s0", attrs{"div": intAttr(1), "n_levels": intAttr(256), "signed": intAttr(1)})
	for _, text := range []string{"s0,s0 -> s1", "s1,s0 -> s2", "s2,s0 -> s3", "s3,s0 -> y"} {
		b.node("Add "+text, nil)
	}
	m, err := decodeEither(b.encode(), "", Options{Codes: "int8"})
	if err != nil || m.Quantized == nil {
		t.Fatalf("%v, %q", err, m.Notes)
	}
	if got := executeInt(t, m, []float32{1, -128, 3})[0]; !slices.Equal(got, []float32{5, -640, 15}) {
		t.Errorf("%v", got)
	}
}

// WaveFormer runs in integers; nothing is stored beside it to compare with, as
// onnxruntime does not know its operators.
func TestWaveformer(t *testing.T) {
	m, err := Load(testdata.Data(t, "onnx/deeploy_waveformer.onnx"), Options{Codes: "int8"})
	if err != nil || m.Quantized == nil {
		t.Fatalf("%v, %q", err, m.Notes)
	}
	for _, row := range readTable(t, filepath.Dir(testdata.Data(t, "onnx/inputs.tsv"))+"/inputs.tsv") {
		if row["model"] != "deeploy_waveformer" {
			continue
		}
		x := madeInput(t, row)
		for i := range x {
			x[i] = float32(int(x[i] * 127))
		}
		got := executeInt(t, m, x)[0]
		t.Log(got)
		if lo, hi := slices.Min(got), slices.Max(got); lo == hi || lo < -128 || hi > 255 {
			t.Errorf("outputs from %v to %v", lo, hi)
		}
	}
}

// The third operand of Gemm may differ from row to row.
func TestGemmSumOfRows(t *testing.T) {
	b := newBuilder(13, 2, 3).constant(floatTensor("w", []float32{1, 0, 0, 1, 1, 1}, 3, 2)).constant(floatTensor("c", []float32{10, 20, 30, 40}, 2, 2)).
		node("Gemm x,w,c -> y", attrs{"alpha": floatAttr(2), "beta": floatAttr(0.5)})
	m, err := decodeEither(b.encode(), "", Options{})
	if err != nil || m.Executable() != nil {
		t.Fatal(err, m.Executable())
	}
	near(t, "output", execute(t, m, []float32{1, 2, 3, 4, 5, 6})[0], []float32{13, 20, 35, 42}, 1e-6)
}
