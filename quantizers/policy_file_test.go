package quantizers_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bitcycle/kernels/shipped"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

func policyFor(text string) (*quantizers.Policy, error) {
	f, err := quantizers.ParsePolicy("p.toml", []byte(text))
	if err != nil {
		return nil, err
	}
	return f.For(shipped.Network())
}

// The shipped network's policy with some entries replaced.
func with(edit map[int]workload.LayerWidths, w, a uint8) []workload.LayerWidths {
	layers := quantizers.Uniform(shipped.Network(), w, a, 0, 0).Layers
	for i, l := range edit {
		layers[i].ActBits, layers[i].WeightBits = l.ActBits, l.WeightBits
	}
	return layers
}

func named(w, a uint8) workload.LayerWidths {
	return workload.LayerWidths{WeightBits: workload.Widths{w}, ActBits: a}
}

// A policy may name some layers, in any order, and give the others a default.
func TestPolicyWithDefault(t *testing.T) {
	const first, last = "stem.conv", "classifier"
	end := len(shipped.Network().Layers()) - 1
	for name, c := range map[string]struct {
		text string
		want []workload.LayerWidths
	}{
		"default alone": {"[default]\nact_bits = 5\nweight_bits = 3\n", with(nil, 3, 5)},
		"two layers": {
			"[default]\nact_bits = 4\nweight_bits = 2\n[[layer]]\nname = \"" + last + "\"\nact_bits = 8\nweight_bits = 7\n[[layer]]\nname = \"" + first + "\"\nweight_bits = 8\n",
			with(map[int]workload.LayerWidths{0: named(8, 4), end: named(7, 8)}, 2, 4),
		},
	} {
		p, err := policyFor(c.text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, p.Layers); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if err := p.Check(shipped.Network()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// HAQ's list has a pair for every layer in order; -1 in the first stands for images.
func TestPolicyByOrder(t *testing.T) {
	n := len(shipped.Network().Layers())
	list := "[[8, -1], " + strings.Repeat("[4, 6], ", n-2) + "[8, 8]]"
	want := with(map[int]workload.LayerWidths{0: named(8, 8), n - 1: named(8, 8)}, 4, 6)
	for _, text := range []string{list, "\n  " + list + "\n", "strategy = " + list, "name = \"haq\"\nstrategy = " + strings.ReplaceAll(list, ", ", ",\n ")} {
		p, err := policyFor(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if diff := cmp.Diff(want, p.Layers); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestPolicyForRefuses(t *testing.T) {
	const layer = "[[layer]]\nname = \"stem.conv\"\nact_bits = 8\nweight_bits = 8\n"
	for text, want := range map[string]string{
		layer:                               "p.toml: layers stage1.block1.a.conv, ",
		layer + "[default]\nact_bits = 4\n": "no [default] with act_bits and weight_bits",
		layer + "[default]\nact_bits = 4\nweight_bits = 2\n[[layer]]\nname = \"stem.konv\"\n":               `p.toml:9:8: name = "stem.konv": network resnet8-glyphs has no such layer (did you mean "stem.conv"?)`,
		"[default]\nact_bits = 4\nweight_bits = 2\n[[layer]]\nname = \"stem.conv\"\nweight_bits = [1, 2]\n": `p.toml:6:15: weight_bits = [1, 2]: 2 entries: must be one for all or one for each of 16`,
		layer + layer:                       `p.toml:6:8: name = "stem.conv": must be given once`,
		"[default]\nact_bits = 99\n":        `p.toml:2:12: act_bits = 99: must be 1 to 16`,
		"[default]\nweight_bits = [1, 2]\n": `p.toml:2:15: weight_bits = [1, 2]: must be one width`,
		"[default]\nweight_bits = 4\n" + "[[layer]]\nname = \"stem.conv\"\n": "act_bits: is missing, here and in [default]",
		"[[8, 8], [4, 4]]":                               "p.toml: has 2 pairs, network resnet8-glyphs has 10 layers",
		"[[8, 8], [4, -1], [4], [99, 1]]":                "entry 2 is [4 -1]: must be [weight bits, activation bits]",
		"[6, 5, 4]":                                      "must be [weight bits, activation bits]",
		"strategy = []\n":                                "must have a pair for every layer",
		"strategy = [[8, 8]]\n" + layer:                  "[[layer]] and [default] do not go with it",
		"strategy = [[8, 8]]\n[default]\nact_bits = 1\n": "do not go with it",
	} {
		if _, err := policyFor(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
