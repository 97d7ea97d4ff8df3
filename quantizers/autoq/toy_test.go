package autoq

import (
	"context"
	"math"
	"math/rand/v2"

	"bitcycle/kernels/workload"
)

// arrayCost is a bit-serial array in lock step, for tests: tiles of lanes channels,
// sorted, each at its widest.
type arrayCost struct {
	layers  []Layer
	lanes   int
	weights []workload.Widths
	acts    []uint8
}

func (c *arrayCost) SetBits(layer int, weight workload.Widths, act uint8) {
	c.weights[layer] = append(c.weights[layer][:0], weight...)
	c.acts[layer] = act
}

func (c *arrayCost) Cost() (cycles int64, energyPJ float64) {
	for i, w := range c.weights {
		var count [MaxBits + 1]int
		for _, b := range w {
			count[b]++
			energyPJ += float64(b) * float64(c.acts[i]) * float64(c.layers[i].KernelMACs)
		}
		at := 0
		for b := MaxBits; b > 0; b-- {
			for range count[b] {
				if at%c.lanes == 0 {
					cycles += int64(b) * int64(c.acts[i]) * c.layers[i].KernelMACs
				}
				at++
			}
		}
	}
	return cycles, energyPJ
}

// toy is a network of formulas: channel j of layer i at b bits loses h_ij·4^−b, an
// input a_i·4^−b, and the accuracy is exp(−total).
func toy(layers, channels, lanes int, seed uint64) *Problem {
	rng := rand.New(rand.NewPCG(seed, 1))
	p := &Problem{Limits: DefaultLimits(), Sensitivity: &Sensitivity{}}
	cost := &arrayCost{lanes: lanes}
	for i := range layers {
		l := Layer{Name: "toy", Channels: channels, Inputs: channels, Kernel: 3, Stride: 1, Feature: 64 << (layers - i), Params: 9 * channels * channels, KernelMACs: int64(100 * (layers - i)), Lanes: lanes}
		p.Layers = append(p.Layers, l)
		var total, act [MaxBits + 1]float64
		var kernels [][MaxBits + 1]float64
		scale := math.Exp(1.5 * rng.NormFloat64())
		for range channels {
			h := scale * math.Exp(rng.NormFloat64()) * 8 / float64(layers*channels)
			var k [MaxBits + 1]float64
			for b := range k {
				k[b] = h * math.Pow(4, -float64(b))
				total[b] += k[b]
			}
			kernels = append(kernels, k)
		}
		h := math.Exp(rng.NormFloat64()) * 8 / float64(layers)
		for b := range act {
			act[b] = h * math.Pow(4, -float64(b))
		}
		s := p.Sensitivity
		s.Channels, s.Layers, s.Acts = append(s.Channels, kernels), append(s.Layers, total), append(s.Acts, act)
		s.Traces, s.Errors = append(s.Traces, 1), append(s.Errors, total)
	}
	cost.layers = p.Layers
	cost.weights, cost.acts = make([]workload.Widths, layers), make([]uint8, layers)
	p.Cost = cost
	p.Accuracy = func(_ context.Context, policy *Policy) (float64, error) { return math.Exp(-p.expected(policy)), nil }
	return p
}

// expected is the loss that the sensitivities foretell.
func (p *Problem) expected(policy *Policy) float64 {
	sum := 0.0
	for i, w := range policy.Weights {
		for j, b := range w {
			sum += p.Sensitivity.Channels[i][j][b]
		}
		sum += p.Sensitivity.Acts[i][policy.Acts[i]]
	}
	return sum
}
