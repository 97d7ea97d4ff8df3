package onnx

import (
	"math"
	"slices"
	"testing"
)

// in puts nodes of a domain into a model.
func (b *builder) in(domain string) *builder {
	b.graph.nodes[len(b.graph.nodes)-1].domain = domain
	return b
}

func (b *builder) scalar(name string, v float32) *builder {
	return b.constant(floatTensor(name, []float32{v}))
}

// Trunc and MultiThreshold give what their definitions say.
func TestQONNXDefinitions(t *testing.T) {
	levels := []float32{-0.7, -0.2, 0.1, 0.4, 0.4, 0.9, 1.2, -0.5, 0, 0, 0.3, 0.6, 0.8, 1}
	reach := func(list []float32, x float32) (n float64) {
		for _, l := range list {
			if x >= l {
				n++
			}
		}
		return n
	}
	grid := func() *builder {
		return newBuilder(13, 1, 2, 3, 4).scalar("s", 0.02).scalar("z", 0).scalar("b8", 8).scalar("b5", 5).
			node("Quant x,s,z,b8 -> q", attrs{"signed": intAttr(1)}).in(qonnxDomain)
	}
	onGrid := func(x float32) float64 { return math.RoundToEven(float64(x / 0.02)) }
	for _, c := range []struct {
		name  string
		model *builder
		want  func(c int, x float32) float64
	}{
		{"Trunc", grid().node("Trunc q,s,z,b8,b5 -> y", attrs{"rounding_mode": stringAttr("FLOOR")}).in("onnx.brevitas"), func(_ int, x float32) float64 {
			return 0.02 * math.Floor(onGrid(x)/8)
		}},
		{"Trunc to nearest", grid().node("Trunc q,s,z,b8,b5 -> y", attrs{"rounding_mode": stringAttr("ROUND")}).in(qonnxDomain), func(_ int, x float32) float64 {
			return 0.02 * math.RoundToEven(onGrid(x)/8)
		}},
		{
			"MultiThreshold", newBuilder(13, 1, 2, 3, 4).constant(floatTensor("t", levels, 2, 7)).
				node("MultiThreshold x,t -> y", attrs{"out_scale": floatAttr(0.5), "out_bias": floatAttr(-2)}).in(finnDomain),
			func(c int, x float32) float64 { return 0.5*reach(levels[7*c:7*c+7], x) - 2 },
		},
		{
			"MultiThreshold of all channels", grid().constant(floatTensor("t", levels[:7], 1, 7)).
				node("MultiThreshold q,t -> y", nil).in(finnDomain),
			func(_ int, x float32) float64 { return reach(levels[:7], 0.02*float32(onGrid(x))) },
		},
		{"BipolarQuant", grid().node("BipolarQuant q,s -> y", nil).in(qonnxDomain), func(_ int, x float32) float64 {
			if onGrid(x) >= 0 {
				return 0.02
			}
			return -0.02
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := decodeQuantized(c.model.encode(), "", Options{})
			if err != nil {
				t.Fatal(err)
			}
			x := qoperatorInput()
			var want []float32
			for i, v := range x {
				want = append(want, float32(c.want(i/12, v)))
			}
			if got := executeInt(t, m, x)[0]; !slices.EqualFunc(got, want, func(a, b float32) bool { return math.Abs(float64(a-b)) < 1e-6 }) {
				t.Errorf("%v\nwant %v", got, want)
			}
		})
	}
}
