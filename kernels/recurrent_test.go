package kernels

import (
	"math"
	"strings"
	"testing"

	"bitcycle/kernels/workload"
)

// stepped is a recurrent layer in the plainest form: of one direction from the first step
// on, gates of each step and a state; R has rows of n.
func stepped(cell string, gates [][]float64, r []float32, h, c []float64, after []float64) (all [][]float64, last, cLast []float64) {
	n := len(h)
	sigmoid := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	row := func(k int, h []float64) (sum float64) {
		for j, v := range h {
			sum += float64(r[k*n+j]) * v
		}
		return sum
	}
	for _, x := range gates {
		next, cNext := make([]float64, n), make([]float64, n)
		reset := make([]float64, n)
		for j := range n {
			if cell == "gru" {
				reset[j] = sigmoid(x[n+j]+row(n+j, h)) * h[j]
			}
		}
		for j := range n {
			switch cell {
			case "lstm":
				cNext[j] = sigmoid(x[2*n+j]+row(2*n+j, h))*c[j] + sigmoid(x[j]+row(j, h))*math.Tanh(x[3*n+j]+row(3*n+j, h))
				next[j] = sigmoid(x[n+j]+row(n+j, h)) * math.Tanh(cNext[j])
			case "gru":
				z := sigmoid(x[j] + row(j, h))
				new := x[2*n+j] + row(2*n+j, reset)
				if after != nil {
					new = x[2*n+j] + sigmoid(x[n+j]+row(n+j, h))*(row(2*n+j, h)+after[j])
				}
				next[j] = (1-z)*math.Tanh(new) + z*h[j]
			default:
				next[j] = math.Tanh(x[j] + row(j, h))
			}
		}
		h, c = next, cNext
		all = append(all, next)
	}
	return all, h, c
}

func wave(n int, seed float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Sin(seed + 1.7*float64(i)))
	}
	return x
}

// Recurrent layers of both directions compute what their definitions say, with first
// states and without.
func TestRecurrent(t *testing.T) {
	const n, steps = 3, 4
	for cell, activations := range map[string][]string{"lstm": {"sigmoid", "tanh", "tanh"}, "gru": {"sigmoid", "tanh"}, "rnn": {"tanh"}} {
		for _, states := range []bool{false, true} {
			o := Recurrent{Cell: cell, Hidden: n, Directions: 2, Activations: append(activations, activations...), ResetAfter: states && cell == "gru"}
			g := o.Gates() * n
			o.R = wave(2*g*n, 0.3)
			if o.ResetAfter {
				o.Bias = wave(2*n, 0.9)
			}
			in, x := []Shape{{C: 2 * g, H: steps, W: 1}}, [][]float32{wave(2*g*steps, 2)}
			if states {
				for range o.states() {
					in, x = append(in, Shape{C: n, H: 2, W: 1}), append(x, wave(2*n, float64(len(x))))
				}
			}
			got, err := Apply(o, in, x)
			if err != nil {
				t.Fatal(err)
			}
			rows := steps + o.states()
			for d := range 2 {
				at := func(c, row int) float64 { return float64(got[(c*2+d)*rows+row]) }
				var gates [][]float64
				for s := range steps {
					if d == 1 {
						s = steps - 1 - s
					}
					var v []float64
					for k := range g {
						v = append(v, float64(x[0][(d*g+k)*steps+s]))
					}
					gates = append(gates, v)
				}
				state := func(k int) []float64 {
					v := make([]float64, n)
					for j := range v {
						if len(x) > k {
							v[j] = float64(x[k][j*2+d])
						}
					}
					return v
				}
				var after []float64
				if o.ResetAfter {
					after = widened(o.Bias[d*n : (d+1)*n])
				}
				all, h, c := stepped(cell, gates, o.R[d*g*n:(d+1)*g*n], state(1), state(2), after)
				for j := range n {
					for s := range steps {
						row := s
						if d == 1 {
							row = steps - 1 - s
						}
						if math.Abs(at(j, row)-all[s][j]) > 1e-6 {
							t.Errorf("%s, direction %d, step %d: %v, want %v", cell, d, s, at(j, row), all[s][j])
						}
					}
					if math.Abs(at(j, steps)-h[j]) > 1e-6 || cell == "lstm" && math.Abs(at(j, steps+1)-c[j]) > 1e-6 {
						t.Errorf("%s, direction %d: last states differ", cell, d)
					}
				}
			}
		}
	}
}

// What activations read is clipped, and a single direction may begin at the end.
func TestRecurrentClipped(t *testing.T) {
	o := Recurrent{Cell: "rnn", Hidden: 1, Directions: 1, Reverse: true, R: []float32{1}, Activations: []string{"tanh"}, Clip: 0.5}
	got, err := Apply(o, []Shape{{C: 1, H: 2, W: 1}}, [][]float32{{0.25, 9}})
	if err != nil {
		t.Fatal(err)
	}
	second := math.Tanh(0.5)
	first := math.Tanh(min(0.25+second, 0.5))
	for i, want := range []float64{first, second, first} {
		if math.Abs(float64(got[i])-want) > 1e-6 {
			t.Errorf("%v, want %v", got[i], want)
		}
	}
}

// The product with the state has the widths of that with the input; there are no integers.
func TestRecurrentCosts(t *testing.T) {
	o := Recurrent{Cell: "gru", Hidden: 8, Directions: 2, Activations: []string{"sigmoid", "tanh", "sigmoid", "tanh"}}
	net := &Network{Name: "gru", Output: 2, Nodes: []Node{
		{Name: "x", Op: Input{Shape{C: 5, H: 7, W: 1}}},
		{Name: "w", Op: Conv{Channels: 48, Window: Window{Kernel: [2]int{1, 1}}}, Inputs: []int{0}},
		{Name: "r", Op: o, Inputs: []int{1}},
	}}
	if err := net.InferShapes(); err != nil {
		t.Fatal(err)
	}
	w := LowerShape(net, []workload.LayerWidths{{Name: "w", ActBits: 5, WeightBits: workload.Widths{3}}}, true)
	op := w.Ops[len(w.Ops)-1]
	if op.Kind != workload.MatMul || op.MACs() != 2*24*8*7 || op.ActBits != 5 || op.WeightBits.Max() != 3 || op.Dynamic || op.VectorOps != 4 {
		t.Errorf("%+v, %d MACs", op, op.MACs())
	}
	if _, err := Compile(net, PlanOptions{}); err == nil || !strings.Contains(err.Error(), `"r"`) {
		t.Errorf("without weights: %v", err)
	}
	q := &Quantized{Net: net, Grids: make([]Grid, 3)}
	for i := range q.Grids {
		q.Grids[i] = Grid{Scale: 1, Bits: 8, Signed: true}
	}
	if err := q.Validate(); err == nil {
		t.Error("valid in integers")
	}
}
