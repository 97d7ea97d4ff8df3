package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
)

// sample is a small run: glyphs shrunk to every fourth pixel, a residual
// network, augmentation, a last batch that is not full.
func sample(t testing.TB, workers int) (*Model, *Data, Options) {
	t.Helper()
	glyphs := dataset.Glyphs("train", 0, 90, 1)
	im := &dataset.Images{Name: "small glyphs", N: glyphs.N, H: 8, W: 8, C: 1, Labels: glyphs.Labels}
	for i := range im.N {
		for p := range 64 {
			im.Pixels = append(im.Pixels, glyphs.Pixels[i*1024+p/8*4*32+p%8*4])
		}
	}
	m, err := New(ResNet("small", kernels.Shape{C: 1, H: 8, W: 8}, []int{4, 8}, 1, 20), 11, workers)
	if err != nil {
		t.Fatal(err)
	}
	data := &Data{Images: im, Normalization: dataset.Normalization{Mean: []float32{128}, Std: []float32{64}}, Augment: Augment{Shift: 1, Flip: true}}
	return m, data, Options{Epochs: 3, Batch: 40, Rate: Cosine(0.05, 3, 0.5), Rule: Rule{Momentum: 0.9, Decay: 1e-4}, Seed: 5}
}

func weights(t *testing.T, m *Model) []byte {
	t.Helper()
	w, err := m.Weights()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWorkersDoNotMatter(t *testing.T) {
	var first []byte
	var curve History
	for _, workers := range []int{1, 2, 3, 7, 40} {
		m, data, o := sample(t, workers)
		h, err := Fit(context.Background(), m, data, data, o)
		if err != nil {
			t.Fatal(err)
		}
		w := weights(t, m)
		if first == nil {
			first, curve = w, h
		}
		if !bytes.Equal(w, first) || !reflect.DeepEqual(h, curve) {
			t.Errorf("%d workers give other weights or another curve than 1", workers)
		}
	}
	if last := curve[len(curve)-1].Train.Loss(); last >= curve[0].Train.Loss() {
		t.Errorf("loss %.3f after training: was %.3f in the first epoch", last, curve[0].Train.Loss())
	}
}

// TestResume interrupts a run in the middle of every epoch and continues it
// with a new model: the weights must be those of a run in one piece.
func TestResume(t *testing.T) {
	m, data, o := sample(t, 2)
	want, err := Fit(context.Background(), m, data, data, o)
	if err != nil {
		t.Fatal(err)
	}
	o.Checkpoint = filepath.Join(t.TempDir(), "run.safetensors")
	var got History
	var again *Model
	for interrupted := 0; ; interrupted++ {
		again, _, _ = sample(t, 1)
		ctx, cancel := context.WithCancel(context.Background())
		o.Progress = func(p Progress) {
			if p.Step == 2 {
				cancel()
			}
		}
		got, err = Fit(ctx, again, data, data, o)
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) || interrupted > o.Epochs {
			t.Fatalf("after %d interruptions: %v", interrupted, err)
		}
	}
	if !bytes.Equal(weights(t, again), weights(t, m)) {
		t.Error("weights differ from those of a run in one piece")
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("curve %v: want %v", got, want)
	}
	o.Seed++
	if _, err := Fit(context.Background(), again, data, data, o); err == nil || !strings.Contains(err.Error(), "another run") {
		t.Errorf("checkpoint of another run: %v", err)
	}
	if err := os.WriteFile(o.Checkpoint, []byte("broken"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Fit(context.Background(), again, data, data, o); err == nil || !strings.Contains(err.Error(), o.Checkpoint) {
		t.Errorf("broken checkpoint: %v", err)
	}
}

// TestDamagedCheckpoint flips every hundredth byte of a checkpoint: none of them goes on
// as if nothing were.
func TestDamagedCheckpoint(t *testing.T) {
	m, data, o := sample(t, 1)
	o.Checkpoint, o.Epochs = filepath.Join(t.TempDir(), "checkpoint.safetensors"), 1
	if _, err := Fit(t.Context(), m, data, nil, o); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile(o.Checkpoint)
	if err != nil {
		t.Fatal(err)
	}
	f := &fit{m: m, data: data, o: o}
	for at := 0; at < len(sound); at += 100 {
		damaged := bytes.Clone(sound)
		damaged[at] ^= 0x10
		if err := os.WriteFile(o.Checkpoint, damaged, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := f.resume(t.Context()); err == nil {
			t.Errorf("byte %d of %d: nobody noticed", at, len(sound))
		}
	}
}

// TestImpossibleCheckpoints refuses states that no run comes to.
func TestImpossibleCheckpoints(t *testing.T) {
	for want, change := range map[string]func(f *fit, m *Model){
		"step -1 of":  func(f *fit, _ *Model) { f.Step = -1 },
		"step 99 of":  func(f *fit, _ *Model) { f.Step = 99 },
		"= NaN: want": func(_ *fit, m *Model) { m.Params[0].Value[0] = float32(math.NaN()) },
	} {
		m, data, o := sample(t, 1)
		o.Checkpoint = filepath.Join(t.TempDir(), "checkpoint.safetensors")
		f := &fit{m: m, data: data, o: o}
		change(f, m)
		if err := f.save(); err != nil {
			t.Fatal(err)
		}
		if _, err := Fit(t.Context(), m, data, nil, o); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), o.Checkpoint) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestDivergenceIsAnError(t *testing.T) {
	m, data, o := sample(t, 1)
	o.Rate = Steps(1e20, 1)
	if _, err := Fit(context.Background(), m, data, nil, o); err == nil || !strings.Contains(err.Error(), "learning rate") {
		t.Errorf("error %v: want one about the learning rate", err)
	}
}

func TestDataMustFit(t *testing.T) {
	m, data, o := sample(t, 1)
	for want, change := range map[string]func(im *dataset.Images, d *Data){
		"has images":      func(im *dataset.Images, _ *Data) { im.H, im.W = 4, 16 },
		"no labels":       func(im *dataset.Images, _ *Data) { im.Labels = nil },
		"image 0 has":     func(im *dataset.Images, _ *Data) { im.Labels = []int{20} },
		"2 entries for 1": func(_ *dataset.Images, d *Data) { d.Normalization.Mean = []float32{1, 2} },
	} {
		im, bad := *data.Images, *data
		bad.Images = &im
		change(&im, &bad)
		if _, err := Fit(context.Background(), m, &bad, nil, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
}

func TestSchedules(t *testing.T) {
	cosine := Cosine(0.2, 10, 2)
	for _, c := range []struct{ time, want float64 }{{2, 0.2}, {6, 0.1}, {10, 0}, {12, 0}} {
		if got := cosine(c.time); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("cosine at %g: %g: want %g", c.time, got, c.want)
		}
	}
	if a, b := cosine(0), cosine(1); a <= 0 || b <= a || b >= 0.2 {
		t.Errorf("warm-up: %g, %g", a, b)
	}
	steps := Steps(1, 0.1, 5, 8)
	for _, c := range []struct{ time, want float64 }{{0, 1}, {4.9, 1}, {5, 0.1}, {9, 0.01}} {
		if got := steps(c.time); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("steps at %g: %g: want %g", c.time, got, c.want)
		}
	}
}

// half is a transform that uses half of each weight.
type half struct{}

func (half) Transform(used, w []float32, _ int) {
	for i, v := range w {
		used[i] = v / 2
	}
}

// TestRule checks one update by hand: w = 1, used = 0.5, v = 3, g = 2.
func TestRule(t *testing.T) {
	for _, c := range []struct {
		blend, v, w float32
		transform   WeightTransform
	}{
		{0, 0.5*3 + 2 + 0.25*1, 1 - 0.1*3.75, half{}},
		{0.5, 0.5*3 + 2 + 0.25*0.75, 0.75 - 0.1*3.6875, half{}},
		{0.5, 0.5*3 + 2 + 0.25*1, 1 - 0.1*3.75, nil},
	} {
		p := newParam("w", []float32{1})
		p.setTransform(c.transform, 1)
		p.prepare()
		p.velocity[0], p.Grad[0] = 3, 2
		Rule{Momentum: 0.5, Decay: 0.25, Blend: c.blend}.update(p, 0.1)
		if math.Abs(float64(p.velocity[0]-c.v)) > 1e-6 || math.Abs(float64(p.Value[0]-c.w)) > 1e-6 {
			t.Errorf("blend %g: v = %g, w = %g: want %g, %g", c.blend, p.velocity[0], p.Value[0], c.v, c.w)
		}
	}
	p := newParam("alpha", []float32{1})
	p.rule = []Parameter{{Rate: 0.01, GradClip: 1, Min: 0.95, Max: 5}}
	p.Grad[0] = 1000
	Rule{}.update(p, 0.04)
	if p.Value[0] != 0.96 {
		t.Errorf("clipped gradient: %g: want 0.96", p.Value[0])
	}
	Rule{}.update(p, 0.04)
	if p.Value[0] != 0.95 {
		t.Errorf("bounded value: %g: want 0.95", p.Value[0])
	}
}

// TestSteadyState checks that steps after the first allocate nothing.
func TestSteadyState(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops pooled memory")
	}
	m, data, o := sample(t, 1)
	f := &fit{m: m, data: data, o: o}
	f.begin(0)
	index := shuffled(o.Batch, 1, 1)
	if allocs := testing.AllocsPerRun(10, func() { f.step(index, 0.01) }); allocs > 0 {
		t.Errorf("%v allocations a step: want none", allocs)
	}
}

func ExampleFit() {
	im, err := dataset.Load("glyphs:train[:400]")
	if err != nil {
		fmt.Println(err)
		return
	}
	spec := NewSpec("perceptron", kernels.Shape{C: 32 * 32, H: 1, W: 1})
	x := spec.Dense("hidden", 0, 64)
	x = spec.BatchNorm("norm", x)
	x = spec.Relu("relu", x)
	spec.Dense("logits", x, 20)
	model, err := New(spec, 1, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	data := &Data{Images: im, Normalization: dataset.Normalization{Mean: []float32{128}, Std: []float32{64}}}
	curve, err := Fit(context.Background(), model, data, nil, Options{
		Epochs: 15, Batch: 50, Rate: Cosine(0.05, 15, 1), Rule: Rule{Momentum: 0.9}, Seed: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("learned most by heart:", curve[14].Train.Top1() > 0.8)
	// Output:
	// learned most by heart: true
}
