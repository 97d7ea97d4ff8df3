package bcgd

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// weightsOf returns the distinct magnitudes of each output channel of a layer,
// rounded to 1e-6.
func weightsOf(n *Network, name string, channels int) [][]float64 {
	used := n.Model.Param(name + ".weight").Used
	size := len(used) / channels
	var out [][]float64
	for c := range channels {
		var list []float64
		for _, w := range used[c*size : (c+1)*size] {
			list = append(list, math.Round(math.Abs(float64(w))*1e6)/1e6)
		}
		slices.Sort(list)
		out = append(out, slices.Compact(list))
	}
	return out
}

// TestRivalsTrain trains by every rule: the loss falls, and the weights that
// layers compute with are of the rule's form.
func TestRivalsTrain(t *testing.T) {
	data := glyphs(200)
	net, _ := float(t, data)
	for _, rule := range []struct {
		weights    WeightRule
		acts       ActRule
		bits, act  int
		magnitudes int // of the weights of a channel, at most
		perLayer   bool
	}{
		{Projected, Ceiling, 1, 4, 1, true},
		{ChannelScaled, Ceiling, 1, 4, 1, false},
		{ChannelScaled, Sign, 1, 1, 1, false}, // XNOR-Net
		{Threshold, Ceiling, 2, 4, 2, true},
		{Tanh, UnitClip, 2, 2, 2, true},
		{Relaxed, Ceiling, 2, 4, 2, true},
		{Bases, Ceiling, 2, 4, 4, false},
		{Iterated, Ceiling, 3, 4, 4, true},
		{Nearest, Ceiling, 3, 4, 4, true},
		{Projected, Clipped, 4, 4, 8, true},
		{Projected, HalfWave, 1, 2, 1, true},
	} {
		name := string(rule.weights) + " " + string(rule.acts)
		c := small(rule.bits, rule.act)
		c.Weights, c.Acts, c.Rho, c.Epochs = rule.weights, rule.acts, 0, 8
		if rule.acts == Sign || rule.acts == UnitClip { // far from the float network's ReLU
			c.Epochs = 24
		}
		c.Drops = []float64{0.67 * float64(c.Epochs)}
		n, err := FromNetwork(context.Background(), net, data, c)
		if err != nil {
			t.Fatal(err)
		}
		h := fit(t, n, data)
		if first, last := h[0].Train.Loss(), h[len(h)-1].Train.Loss(); !(last < 0.95*first) {
			t.Errorf("%s: training loss %.3f, then %.3f", name, first, last)
		}
		n.Model.Use()
		all := weightsOf(n, "stage2.block2.a.conv", 16)
		for _, list := range all {
			if len(list) > rule.magnitudes {
				t.Errorf("%s: %d magnitudes in a channel: want %d at most", name, len(list), rule.magnitudes)
			}
			if rule.perLayer && rule.magnitudes == 1 && list[0] != all[0][0] {
				t.Errorf("%s: scales %v and %v in one layer", name, list[0], all[0][0])
			}
		}
		_, err = n.Quantized(context.Background(), data)
		if simulated := n.Config.integers() != nil; simulated != (err != nil) {
			t.Errorf("%s: integer form: %v", name, err)
		}
	}
}

// TestRivalIntegers: rules with levels execute as they are simulated.
func TestRivalIntegers(t *testing.T) {
	data := glyphs(40)
	images, err := kernels.Normalize(data.Images.Pixels, data.Images.N, kernels.Shape{C: 1, H: 8, W: 8}, []float32{128}, []float32{64})
	if err != nil {
		t.Fatal(err)
	}
	for rule, bits := range map[WeightRule]int{ChannelScaled: 1, Threshold: 2, Iterated: 3, Nearest: 3} {
		c := small(bits, 4)
		c.Weights, c.Rho = rule, 0
		n := prepared(t, residual(), data, c)
		fit(t, n, data)
		if codes, off := differing(t, n, data, images); off > 0 || codes < 10_000 {
			t.Errorf("%s: %d of %d codes differ", rule, off, codes)
		}
	}
}

func TestRulesRejected(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"no such rule":            func(c *Config) { c.Weights = "x" },
		`activations "y"`:         func(c *Config) { c.Acts = "y" },
		"want 2 bits, not 1":      func(c *Config) { c.Weights, c.Rho = Threshold, 0 },
		"want 1 bit, not 4":       func(c *Config) { c.Acts = Sign },
		"only projections are bl": func(c *Config) { c.Weights = ChannelScaled },
	} {
		c := small(1, 4)
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v: want %q", err, want)
		}
	}
}

// TestLoweredWithoutMultipliers: what the machine is charged for a network of
// 1-bit weights has no operator for batch normalization, and one bit a weight.
func TestLoweredWithoutMultipliers(t *testing.T) {
	data := glyphs(40)
	c := small(1, 4)
	c.FirstBits, c.LastBits, c.Epochs = 0, 0, 0
	n := prepared(t, residual(), data, c)
	q, err := n.Quantized(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	layers := 0
	for _, op := range q.Lower().Ops {
		if op.Kind == workload.Vector {
			if !strings.HasSuffix(op.Name, ".add") && op.Name != "pool" {
				t.Errorf("vector operation %s", op.Name)
			}
			continue
		}
		layers++
		for v := range op.VirtualChannels() {
			if op.WeightBits.At(v) != 1 {
				t.Fatalf("%s: %d-bit weights", op.Name, op.WeightBits.At(v))
			}
		}
	}
	if layers != 11 {
		t.Errorf("%d layers: want 11", layers)
	}
}
