package bcgd

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bitcycle/kernels"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/train"
)

func method(t *testing.T, data *train.Data, text string) *Method {
	t.Helper()
	m, err := Parse("bcgd:"+text, text, 3, 2, func(string) (*train.Data, error) { return data, nil })
	if err != nil {
		t.Fatal(err)
	}
	m.Config.Batch = 25
	return m
}

// TestInterruptedMethod stops the method and goes on from where it says.
func TestInterruptedMethod(t *testing.T) {
	data := glyphs(100)
	net, _ := float(t, data)
	run := func(m *Method, stopAt int) ([]int16, error) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		q, err := m.Quantize(ctx, net, kernels.Batch{}, func(done, _ int) {
			if done == stopAt {
				cancel()
			}
		})
		if err != nil {
			return nil, err
		}
		return q.Layers[3].W, nil
	}
	whole, err := run(method(t, data, "w=1,a=4,epochs=2"), -1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = run(method(t, data, "w=1,a=4,epochs=2"), 3)
	var stop *Interrupted
	if !errors.As(err, &stop) || !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	text, ok := strings.CutPrefix(stop.Spec, "bcgd:")
	if !ok || !strings.HasSuffix(text, "checkpoint="+stop.Checkpoint) {
		t.Fatalf("to go on: %s", stop.Spec)
	}
	resumed, err := run(method(t, data, text), -1)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(whole, resumed) {
		t.Error("weights differ from those of a run in one piece")
	}
}

// TestStart takes the weights of another run, and its statistics for its own
// widths.
func TestStart(t *testing.T) {
	data := glyphs(100)
	c := small(1, 4)
	c.Checkpoint = filepath.Join(t.TempDir(), "first")
	first := prepared(t, residual(), data, c)
	fit(t, first, data)
	next := small(2, 2)
	next.Epochs, next.Start = 0, c.Checkpoint
	n := prepared(t, residual(), data, next)
	for _, name := range []string{"stem.conv.weight", "stage2.block1.b.norm.gamma", "classifier.weight"} {
		if !slices.Equal(n.Model.Param(name).Value, first.Model.Param(name).Value) {
			t.Errorf("%s differs from the checkpoint", name)
		}
	}
	next.Start = filepath.Join(t.TempDir(), "nothing")
	if _, err := New(context.Background(), residual(), data, next); err == nil {
		t.Error("a missing checkpoint is accepted")
	}
}

// TestONNX: a trained network comes back from its file with the same integers.
func TestONNX(t *testing.T) {
	data := glyphs(60)
	for name, spec := range map[string]*train.Spec{"plain": plain(), "residual": residual()} {
		n := prepared(t, spec, data, small(1, 4))
		fit(t, n, data)
		q, err := n.Quantized(context.Background(), data)
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := onnx.ExportQuantized(&file, q); err != nil {
			t.Fatal(err)
		}
		back, err := onnx.ImportQuantized(&file)
		if err != nil {
			t.Fatal(err)
		}
		if want, got := logits(t, q, data), logits(t, back, data); !slices.Equal(want, got) {
			t.Errorf("%s: logits change on the way through a file", name)
		}
	}
}

func logits(t *testing.T, q *kernels.Quantized, data *train.Data) []int32 {
	t.Helper()
	images, err := kernels.Normalize(data.Images.Pixels, data.Images.N, kernels.Shape{C: 1, H: 8, W: 8}, []float32{128}, []float32{64})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := kernels.CompileInt(q, kernels.IntOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]int32, images.N*plan.Classes)
	if err := plan.Run(images, out); err != nil {
		t.Fatal(err)
	}
	return out
}
