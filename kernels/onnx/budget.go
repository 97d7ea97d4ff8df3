package onnx

import "fmt"

// A small file must not exhaust the memory: what a model computes of constants, and what
// operators hold of them, is bounded by a budget that grows with the file.

// budget counts numbers of 32 bits.
type budget struct {
	left, all int64
	what      string
}

// newBudget allows so many numbers, and some more for each byte of a file.
func newBudget(what string, least int64, file int) *budget {
	all := least + 4*int64(file)
	return &budget{all, all, what}
}

// spend takes numbers off; a budget of nil is endless.
func (b *budget) spend(n int64) error {
	if b == nil {
		return nil
	}
	if n < 0 || n > b.left {
		return fmt.Errorf("%s take more than %d MB, too much for a file of this size", b.what, b.all>>18)
	}
	b.left -= n
	return nil
}

// The least budgets: weights that a model fills in, as models of shapes do, and what
// operators hold of constants and indices.
const (
	leastComputed = 26 << 20
	leastCoded    = 1 << 23 // of quantized models, whose codes and scales come on top
	leastHeld     = 1 << 23
)

// release drops the values of a computed constant that a layer has taken and nothing else
// reads, so that a network whose weights are computed does not hold them twice.
func (im *importer) release(t *tensor) {
	if !t.made || im.coding != nil || im.uses(t) != 1 {
		return
	}
	t.floats, t.made = nil, false
	t.later = func() (*tensor, error) { return nil, fmt.Errorf("tensor %q is gone", t.name) }
}

// uses tells how many inputs of nodes a constant is.
func (im *importer) uses(t *tensor) int {
	if im.read == nil {
		im.read = map[*tensor]int{}
		for i := range im.graph.nodes {
			for _, name := range im.graph.nodes[i].inputs {
				if c := im.facts.of[name].c; c != nil {
					im.read[c]++
				}
			}
		}
	}
	return im.read[t]
}
