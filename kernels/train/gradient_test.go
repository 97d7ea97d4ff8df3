package train

import (
	"math"
	"math/rand/v2"
	"testing"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
)

// smooth is an activation a·tanh(x) + b·x with two trained parameters.
type smooth struct{ id int }

func (smooth) Parameters() []Parameter {
	return []Parameter{{Start: 0.7, Rate: 1, Min: -9, Max: 9}, {Start: 0.4, Rate: 1, Min: -9, Max: 9}}
}

func (smooth) value(x float64, p []float64) float64 { return p[0]*math.Tanh(x) + p[1]*x }

func (s smooth) Forward(dst, src, param []float32) {
	for i, x := range src {
		dst[i] = float32(s.value(float64(x), []float64{float64(param[0]), float64(param[1])}))
	}
}

func (smooth) Backward(dsrc, ddst, src, param []float32, dparam []float64) {
	for i, x := range src {
		t := math.Tanh(float64(x))
		dsrc[i] = ddst[i] * float32(float64(param[0])*(1-t*t)+float64(param[1]))
		dparam[0] += float64(ddst[i]) * t
		dparam[1] += float64(ddst[i]) * float64(x)
	}
}

// gradientCases are small networks that together hold every operator, with
// values read twice, strides, groups, dilation and uneven padding.
var gradientCases = map[string]func() *Spec{
	"mlp": func() *Spec {
		s := NewSpec("mlp", kernels.Shape{C: 7, H: 1, W: 1})
		x := s.Dense("a", 0, 9)
		x = s.BatchNorm("an", x)
		x = s.Relu("ar", x)
		s.Dense("b", x, 4)
		return s
	},
	"resnet": func() *Spec { return ResNet("resnet", kernels.Shape{C: 3, H: 6, W: 6}, []int{4, 6}, 2, 5) },
	"lenet": func() *Spec {
		s := NewSpec("lenet", kernels.Shape{C: 1, H: 12, W: 12})
		x := s.Conv("a", 0, 4, 5, 1, 2)
		x = s.MaxPool("ap", x, 2, 2, 0)
		x = s.Conv("b", x, 6, 3, 1, 0)
		x = s.AvgPool("bp", x, 3, 2, 1)
		x = s.Flatten("f", x)
		x = s.Dense("c", x, 10)
		x = s.Relu("cr", x)
		s.Dense("d", x, 4)
		return s
	},
	"mobile": func() *Spec {
		s := NewSpec("mobile", kernels.Shape{C: 3, H: 9, W: 7})
		x := s.Conv("stem", 0, 8, 3, 2, 1)
		x = s.Op("clip", kernels.Clip{Lo: -0.5, Hi: 0.8}, x)
		for i, stride := range []int{1, 2} {
			x = s.Op("dw"+string(rune('0'+i)), kernels.Conv{Channels: 8, Groups: 8, Window: square(3, stride, 1)}, x)
			x = s.Op("swish"+string(rune('0'+i)), kernels.Scalar{Function: "hardswish"}, x)
		}
		x = s.Conv("pw", x, 6, 1, 1, 0)
		x = s.Relu("pr", x)
		x = s.GlobalPool("g", x)
		s.Dense("d", x, 3)
		return s
	},
	"graph": func() *Spec {
		s := NewSpec("graph", kernels.Shape{C: 4, H: 7, W: 6})
		x := s.Conv("stem", 0, 6, 1, 1, 0)
		grouped := kernels.Conv{Channels: 6, Groups: 2, Window: square(3, 1, 1)}
		grouped.Dilation, grouped.Pad = [2]int{2, 1}, [4]int{2, 0, 2, 2}
		a := s.Op("grouped", grouped, x)
		strided := kernels.Conv{Channels: 6, Groups: 3, Window: square(3, 1, 1)}
		strided.Stride, strided.Pad = [2]int{1, 2}, [4]int{1, 1, 1, 0}
		b := s.Op("strided", strided, x)
		half := s.Op("half", kernels.Slice{Count: [3]int{3, 7, 3}, Start: [3]int{1, 0, 1}, Step: [3]int{2, 1, 2}}, a)
		wide := s.Op("wide", kernels.Pad{Channels: [2]int{1, 2}}, half)
		y := s.Add("add", wide, b)
		f := &smooth{1}
		y1 := s.Activate("act1", y, *f)
		y2 := s.Activate("act2", x, *f)
		y2 = s.MaxPool("shrink", y2, 2, 2, 0)
		y2 = s.Op("grow", kernels.Pad{Pad: [4]int{2, 0, 2, 0}}, y2)
		y = s.Op("cat", kernels.Concat{}, y1, y2, b)
		y = s.BatchNorm("norm", y)
		y = s.Op("counted", kernels.AvgPool{Window: square(3, 2, 1), CountPad: true}, y)
		y = s.GlobalPool("g", y)
		s.Dense("d", y, 3)
		return s
	},
}

// TestGradients compares every parameter's gradient with central differences
// of the reference.
func TestGradients(t *testing.T) {
	for name, build := range gradientCases {
		t.Run(name, func(t *testing.T) { checkGradients(t, build()) })
	}
}

func checkGradients(t *testing.T, spec *Spec) {
	const n = 19 // not a multiple of the number of chunks
	m, err := New(spec, 3, 2)
	if err != nil {
		t.Fatal(err)
	}
	data := randomData(m.Spec.Nodes[0].Shape, n, m.Classes(), 5)
	scatterParams(m)
	got := gradient(m, data)
	ref := &reference{spec: m.Spec, params: map[string][]float64{}}
	for _, p := range m.Params {
		for _, v := range p.Value {
			ref.params[p.Name] = append(ref.params[p.Name], float64(v))
		}
	}
	var batch []image
	for i := range n {
		var x image
		for _, v := range data.Images.Values[i*data.Images.Size():][:data.Images.Size()] {
			x = append(x, float64(v))
		}
		batch = append(batch, x)
	}
	want := ref.loss(batch, data.Images.Labels)
	if math.Abs(got.Loss()-want) > 1e-5*(1+want) {
		t.Errorf("loss %.8f: reference says %.8f", got.Loss(), want)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, p := range m.Params {
		checkParam(t, p, ref, batch, data.Images.Labels, r)
	}
}

// checkParam compares some entries of one parameter's gradient, relative to
// the largest of them.
func checkParam(t *testing.T, p *Param, ref *reference, batch []image, labels []int, r *rand.Rand) {
	const h = 1e-7 // small enough that no ReLU changes side
	scale := 1e-4
	for _, g := range p.Grad {
		scale = max(scale, math.Abs(float64(g)))
	}
	values := ref.params[p.Name]
	for range min(6, len(values)) {
		i := r.IntN(len(values))
		keep := values[i]
		values[i] = keep + h
		up := ref.loss(batch, labels)
		values[i] = keep - h
		down := ref.loss(batch, labels)
		values[i] = keep
		if want, got := (up-down)/(2*h), float64(p.Grad[i]); math.Abs(got-want) > 2e-4*scale {
			t.Errorf("%s[%d]: gradient %.7g: differences say %.7g", p.Name, i, got, want)
		}
	}
}

// gradient runs one step without update.
func gradient(m *Model, data *Data) Metrics {
	defer m.engine.start()()
	f := &fit{m: m, data: data, o: Options{Batch: data.Images.N}}
	f.begin(0)
	return f.step(shuffled(data.Images.N, 0, 0), 0)
}

func randomData(s kernels.Shape, n, classes int, seed uint64) *Data {
	r := rand.New(rand.NewPCG(seed, 0))
	im := &dataset.Images{Name: "random", N: n, H: s.H, W: s.W, C: s.C}
	for range n * s.Size() {
		im.Values = append(im.Values, float32(r.NormFloat64()))
	}
	for range n {
		im.Labels = append(im.Labels, r.IntN(classes))
	}
	return &Data{Images: im}
}

// scatterParams moves biases, scales and shifts off their special start values.
func scatterParams(m *Model) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, p := range m.Params {
		for i := range p.Value {
			p.Value[i] += 0.2 * float32(r.NormFloat64())
		}
	}
}
