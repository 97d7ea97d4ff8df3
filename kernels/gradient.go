package kernels

import "bitcycle/kernels/internal/vector"

// Gradient is an operator without weights in training. Both directions work on
// the images of a Pass and are called from several goroutines at once, each with
// images of its own.
type Gradient interface {
	// Keep returns how many integers an image forward leaves for backward.
	Keep() int
	// Forward computes Y from X.
	Forward(p *Pass)
	// Backward computes, from the gradient DY of the output, the gradient of every
	// input whose DX is not nil.
	Backward(p *Pass)
}

// Pass is some images on their way through an operator. All values are dense, in
// image, depth, row, column, channel order.
type Pass struct {
	Images int
	X      [][]float32 // inputs
	Y      []float32   // output; forward writes it
	DX     [][]float32 // gradients of the inputs, nil where none is wanted; backward writes them
	Add    []bool      // whether an input's gradient is added to what DX holds, instead of replacing it
	DY     []float32   // gradient of the output; may be overwritten
	Keep   []int32
	// Buffer lends n values, content arbitrary, until it is called again.
	Buffer func(n int) []float32
}

// pass hands the gradient g on to input k, from element at on.
func (p *Pass) pass(k, at int, g []float32) {
	dx := p.DX[k][at : at+len(g)]
	if p.Add[k] {
		vector.Add(dx, g)
	} else {
		copy(dx, g)
	}
}

// begin clears the gradient of input k if it is to be replaced, for operators
// that add to it.
func (p *Pass) begin(k int) {
	if !p.Add[k] {
		clear(p.DX[k])
	}
}
