package autoq

import (
	"context"
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is asked of it, the limiter stays within any budget that can be met.
func TestLimiterNeverExceedsTheBudget(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := toy(3, rapid.IntRange(1, 6).Draw(t, "channels"), rapid.IntRange(1, 4).Draw(t, "lanes"), 1)
		p.Limits.WeightMin = uint8(rapid.IntRange(0, 2).Draw(t, "least"))
		if rapid.Bool().Draw(t, "energy") {
			p.Metric = Energy
		}
		budget := rapid.Float64Range(p.Least(), 1).Draw(t, "budget")
		l := p.newLimiter(budget)
		width := func(name string, lo uint8) uint8 { return rapid.Uint8Range(lo, 8).Draw(t, name) }
		for i := range p.Layers {
			l.act(i, width("act", 1))
			goal := rapid.Float64Range(0, 8).Draw(t, "goal")
			if g := l.goal(i, goal); g > goal {
				t.Fatalf("goal %v became %v", goal, g)
			}
			for j := range p.Layers[i].Channels {
				l.weight(i, j, width("weight", p.Limits.WeightMin))
				if got := p.PriceOf(l.policy); got > budget {
					t.Fatalf("price %v over budget %v", got, budget)
				}
			}
		}
	})
}

// Equal widths cost the same whatever shares them.
func TestUniformBitsCostTheSameAtEveryGrain(t *testing.T) {
	p := toy(3, 10, 4, 1)
	for b := uint8(1); b <= MaxBits; b++ {
		var prices []float64
		for _, grain := range []Grain{ByLayer, ByTile, ByChannel} {
			policy := p.Uniform(8, 8)
			for _, layer := range p.units(grain) {
				for k := range layer {
					layer[k].set(policy, b)
				}
			}
			for i := range policy.Acts {
				policy.Acts[i] = b
			}
			prices = append(prices, p.PriceOf(policy))
		}
		if prices[0] != prices[1] || prices[0] != prices[2] {
			t.Errorf("%d bits: %v", b, prices)
		}
	}
}

// The Lagrangian allocation is within a move's price of the best of all policies.
func TestLagrangeAgainstExhaustion(t *testing.T) {
	p := toy(2, 2, 1, 5)
	p.Limits = Limits{1, 4, 1, 4}
	for _, budget := range []float64{0.1, 0.2, 0.3} {
		got, err := p.Lagrange(ByChannel, budget)
		if err != nil {
			t.Fatal(err)
		}
		best, policy := math.Inf(1), p.Uniform(1, 1)
		for code := range 1 << 12 {
			for i := range 2 {
				policy.Weights[i][0] = 1 + uint8(code>>(6*i)&3)
				policy.Weights[i][1] = 1 + uint8(code>>(6*i+2)&3)
				policy.Acts[i] = 1 + uint8(code>>(6*i+4)&3)
			}
			if p.PriceOf(policy) <= budget {
				best = min(best, p.expected(policy))
			}
		}
		// What the dual leaves unused is less than what one more bit costs; the best
		// with that much more lies below.
		if loss := p.expected(got); loss < best-1e-12 || loss > 2*best {
			t.Errorf("budget %v: loss %v, the best has %v", budget, loss, best)
		}
	}
}

// With the array in view an allocation is never worse than any other's: within the
// price of that it is at least as accurate.
func TestAwareIsNeverWorseThanOthers(t *testing.T) {
	for seed := range uint64(4) {
		for _, metric := range []Metric{Cycles, Energy} {
			p := toy(4, 12, 8, seed)
			p.Metric = metric
			// What the sensitivities foretell is not what is measured.
			p.Accuracy = func(_ context.Context, policy *Policy) (float64, error) {
				loss := p.expected(policy)
				for i, a := range policy.Acts {
					loss *= 1 + 0.3*math.Sin(float64(i)+float64(a)+policy.Weights[i].Mean(len(policy.Weights[i])))
				}
				return math.Exp(-loss), nil
			}
			ours, err := Run(context.Background(), p, Options{Algorithm: "aware", Budget: 0.3})
			if err != nil {
				t.Fatal(err)
			}
			for _, algorithm := range []string{"uniform", "hawq", "greedy", "layer", "kernel", "tile"} {
				theirs, err := Run(context.Background(), p, Options{Algorithm: algorithm, Budget: 0.3})
				if err != nil {
					t.Fatal(err)
				}
				if ours.Accuracy < theirs.Accuracy || p.PriceOf(ours.Policy) > 0.3 {
					t.Errorf("seed %d, %v: accuracy %v at %v, %s %v at %v", seed, metric, ours.Accuracy, p.PriceOf(ours.Policy), algorithm, theirs.Accuracy, p.PriceOf(theirs.Policy))
				}
			}
		}
	}
}

// On an array in step ours needs a tenth less time than AutoQ's policies to be as
// accurate as they are.
func TestAwareNeedsLessThanAutoQ(t *testing.T) {
	for seed := range uint64(3) {
		p := toy(4, 16, 8, 4)
		theirs, err := Run(context.Background(), p, Options{
			Algorithm: "autoq", Budget: 0.4, Seed: seed, Agent: AgentOptions{Episodes: 80, Warmup: 20, Hidden: 32, Updates: 40, Batch: 32},
		})
		if err != nil {
			t.Fatal(err)
		}
		ours, err := Run(context.Background(), p, Options{Algorithm: "aware", Budget: 0.9 * theirs.Latency})
		if err != nil {
			t.Fatal(err)
		}
		if ours.Accuracy < theirs.Accuracy {
			t.Errorf("seed %d: %.3f at %.3f of the time, AutoQ %.3f at %.3f", seed, ours.Accuracy, ours.Latency, theirs.Accuracy, theirs.Latency)
		}
	}
}

// Channels of a layer sum to the layer, and curves fall.
func TestMeasure(t *testing.T) {
	p := toy(2, 5, 2, 3)
	truth := p.Sensitivity
	loss := func(_ context.Context, policy *Policy) (float64, error) {
		p.Sensitivity = truth
		return p.expected(policy), nil
	}
	s, err := p.Measure(context.Background(), Probe{
		Layer: loss, Kernel: loss,
		Error: func(_, _ int, bits uint8) float64 { return math.Pow(4, -float64(bits)) },
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Layers {
		for b := 1; b < MaxBits; b++ {
			sum := 0.0
			for j := range s.Channels[i] {
				sum += s.Channels[i][j][b]
				want := truth.Channels[i][j][b] - truth.Channels[i][j][MaxBits]
				if got := s.Channels[i][j][b]; math.Abs(got-want) > 0.02*want+1e-9 {
					t.Errorf("layer %d, kernel %d, %d bits: %v, want %v", i, j, b, got, want)
				}
			}
			if math.Abs(sum-s.Layers[i][b]) > 1e-9*sum {
				t.Errorf("layer %d, %d bits: kernels sum to %v, the layer has %v", i, b, sum, s.Layers[i][b])
			}
			if s.Acts[i][b] > s.Acts[i][b-1] && b > 1 {
				t.Errorf("layer %d: inputs lose more at %d bits than below", i, b)
			}
		}
	}
}

// Channels that few images say nothing about are taken for such as the layer has,
// and all still sum to the layer.
func TestFewImagesAreNotTakenAtTheirWord(t *testing.T) {
	p := toy(1, 4, 1, 3)
	probe := Probe{
		Layer: func(_ context.Context, policy *Policy) (float64, error) { return p.expected(policy), nil },
		Kernel: func(_ context.Context, policy *Policy) (float64, error) { // only channel 0 seems to matter
			return math.Pow(4, -float64(policy.Weights[0][0])), nil
		},
		ChannelImages: 8,
		Error:         func(_, _ int, bits uint8) float64 { return math.Pow(4, -float64(bits)) },
	}
	s, err := p.Measure(context.Background(), probe, nil)
	if err != nil {
		t.Fatal(err)
	}
	for b := range MaxBits {
		// Half of what the images say, all of it channel 0's, and half of the mean.
		whole := s.Layers[0][b]
		if k := s.Channels[0]; math.Abs(k[0][b]/whole-0.625) > 1e-6 || math.Abs(k[1][b]/whole-0.125) > 1e-6 {
			t.Errorf("%d bits: shares %v and %v of the layer, want 5/8 and 1/8", b, k[0][b]/whole, k[1][b]/whole)
		}
	}
}

func TestRoundGivesEveryWidthAnEqualSlice(t *testing.T) {
	count := map[uint8]int{}
	for i := range 900 {
		count[round((float64(i)+0.5)/900, 0, 8)]++
	}
	for b := uint8(0); b <= 8; b++ {
		if count[b] != 100 {
			t.Errorf("%d bits: %d of 900", b, count[b])
		}
		if got := round(unround(b, 0, 8), 0, 8); got != b {
			t.Errorf("%d bits come back as %d", b, got)
		}
	}
	if round(1, 2, 8) != 8 || round(0, 2, 8) != 2 {
		t.Error("ends are not the limits")
	}
}

func TestCheck(t *testing.T) {
	for _, l := range []Limits{{5, 4, 1, 8}, {0, 9, 1, 8}, {0, 8, 0, 8}, {0, 8, 5, 4}} {
		p := toy(1, 1, 1, 1)
		p.Limits = l
		if _, err := Run(context.Background(), p, Options{Algorithm: "tile", Budget: 0.5}); err == nil {
			t.Errorf("%+v is accepted", l)
		}
	}
	for _, algorithm := range Algorithms {
		p := toy(1, 2, 1, 1)
		p.Limits.WeightMin = 1
		if _, err := Run(context.Background(), p, Options{Algorithm: algorithm, Budget: 1e-9}); err == nil {
			t.Errorf("%s meets an impossible budget", algorithm)
		}
	}
	if _, err := Run(context.Background(), toy(1, 2, 1, 1), Options{Algorithm: "none", Budget: 1}); err == nil {
		t.Error("an unknown algorithm is accepted")
	}
}

func ExampleProblem_Lagrange() {
	p := toy(3, 8, 4, 1) // three layers of eight channels; four fit the array
	policy, err := p.Lagrange(ByTile, 0.25)
	if err != nil {
		panic(err)
	}
	weight, act := policy.MeanBits(p.Layers)
	fmt.Printf("%.1f bits of weights, %.1f of activations, %.2f of the cycles of 8 bits\n", weight, act, p.PriceOf(policy))
	// Output: 4.0 bits of weights, 4.0 of activations, 0.23 of the cycles of 8 bits
}
