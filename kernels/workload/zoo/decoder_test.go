package zoo

import "testing"

// Weights and products of language models by their public configurations, embeddings
// aside: groups of queries share keys and values, and words are decoded once or for all
// new tokens.
func TestDecoders(t *testing.T) {
	for _, c := range []struct {
		name    string
		weights int64 // of the matrices
	}{
		{"OPT-1.3B", 24*(4*2048*2048+2*2048*8192) + 50272*2048},
		{"Phi-2", 32*(4*2560*2560+2*2560*10240) + 51200*2560},
		{"Yi-6B", 32*(2*4096*4096+2*4096*512+3*4096*11008) + 64000*4096},
		{"Llama-2-7B", 32*(4*4096*4096+3*4096*11008) + 32000*4096},
		{"Llama-2-13B", 40*(4*5120*5120+3*5120*13824) + 32000*5120},
		{"Llama-3-8B", 32*(2*4096*4096+2*4096*1024+3*4096*14336) + 128256*4096},
	} {
		d, known := FindDecoder(c.name)
		if !known {
			t.Fatalf("no %s", c.name)
		}
		attention := int64(d.Layers) * 2 * int64(d.Hidden) // products of a token with one of its context
		one, many, last := d.Workload(1, 256, true), d.Workload(16, 256, true), d.Workload(16, 256, false)
		head := int64(d.Hidden) * int64(d.Vocabulary)
		for _, w := range []struct {
			what      string
			got, want int64
		}{
			{"weights", one.WeightCount(), c.weights},
			{"products of a token", one.MACs(), c.weights + 256*attention},
			{"products of 16 tokens", many.MACs(), 16 * (c.weights + 256*attention)},
			{"of which one is decoded", last.MACs(), 16*(c.weights+256*attention) - 15*head},
		} {
			if w.got != w.want {
				t.Errorf("%s, %s: %d, want %d", c.name, w.what, w.got, w.want)
			}
		}
		if err := one.Validate(); err != nil {
			t.Error(err)
		}
	}
	if _, known := FindDecoder("none"); known {
		t.Error("a model of no name")
	}
}
