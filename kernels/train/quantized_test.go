package train

import (
	"context"
	"math"
	"testing"

	"bitcycle/kernels"
)

// signs is the projection onto ±δ with δ = mean|w|.
type signs struct{}

func (signs) Transform(used, w []float32, _ int) {
	var sum float64
	for _, v := range w {
		sum += math.Abs(float64(v))
	}
	for i, v := range w {
		used[i] = float32(math.Copysign(sum/float64(len(w)), float64(v)))
	}
}

// staircase is α·min(⌈x/α⌉, 3) for x > 0 with the gradients of Yin et al., 2019:
// 1 inside for x; 0, 2, 3 for α.
type staircase struct{ start float32 }

func (s *staircase) Parameters() []Parameter {
	return []Parameter{{Start: s.start, Rate: 0.01, GradClip: 1, Min: 1e-3, Max: 5}}
}

func (*staircase) Forward(dst, src, param []float32) {
	alpha := float64(param[0])
	for i, x := range src {
		dst[i] = float32(alpha * min(max(math.Ceil(float64(x)/alpha), 0), 3))
	}
}

func (*staircase) Backward(dsrc, ddst, src, param []float32, dparam []float64) {
	for i, x := range src {
		dsrc[i] = 0
		switch {
		case x > 3*param[0]:
			dparam[0] += 3 * float64(ddst[i])
		case x > 0:
			dsrc[i] = ddst[i]
			dparam[0] += 2 * float64(ddst[i])
		}
	}
}

func (*staircase) Lower(param []float32) kernels.Operator {
	return kernels.Clip{Lo: 0, Hi: 3 * param[0]}
}

// TestQuantizersPlugIn trains with binary weights and two-bit activations that
// share a resolution.
func TestQuantizersPlugIn(t *testing.T) {
	_, data, o := sample(t, 1)
	act := &staircase{start: 0.6511}
	s := NewSpec("quantized", kernels.Shape{C: 1, H: 8, W: 8})
	x := s.Conv("a", 0, 16, 3, 1, 1)
	x = s.Activate("a.act", s.BatchNorm("a.norm", x), act)
	x = s.Conv("b", x, 16, 3, 2, 1)
	s.Nodes[x].Transform = signs{}
	x = s.Activate("b.act", s.BatchNorm("b.norm", x), act)
	s.Dense("c", s.Flatten("flat", x), 20)
	m, err := New(s, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	data.Augment = Augment{}
	o.Epochs, o.Batch, o.Rate, o.Rule.Blend = 40, 15, Steps(0.05, 0.1, 30), 1e-5
	curve, err := Fit(context.Background(), m, data, data, o)
	if err != nil {
		t.Fatal(err)
	}
	if first, last := curve[0].Train.Loss(), curve[len(curve)-1].Train.Loss(); last > 0.7*first {
		t.Errorf("loss %.3f in the last epoch: was %.3f in the first", last, first)
	}
	m.Use()
	used := m.Param("b.weight").Used
	for _, v := range used {
		if math.Abs(float64(v)) != math.Abs(float64(used[0])) {
			t.Fatalf("used weights %g and %g", v, used[0])
		}
	}
	alpha := m.Parameters(act)[0]
	if alpha == act.start || alpha <= 1e-3 || alpha >= 5 {
		t.Errorf("resolution %g: should have moved from %g and not to an end", alpha, act.start)
	}
	net, err := m.Export()
	if err != nil {
		t.Fatal(err)
	}
	if want := (kernels.Clip{Lo: 0, Hi: 3 * alpha}); net.Nodes[2].Op != want {
		t.Errorf("exported activation %+v: want %+v", net.Nodes[2].Op, want)
	}
}
