package train

import (
	"fmt"

	"bitcycle/kernels"
)

// Operators that exist in training only, beside those of package kernels.
const (
	OpBatchNorm  kernels.OpType = 128 + iota // y = γ·(x − mean)/√(var + ε) + β per channel
	OpActivation                             // y = Activation(x), element by element
)

// Node is one operator. Weights that are nil are drawn from the model's seed,
// others are where training starts.
type Node struct {
	kernels.Node
	// NoBias leaves a convolution or dense layer without bias, as before a
	// batch normalization.
	NoBias bool
	// Transform maps the weights of a convolution or dense layer to those it
	// computes with; nil: the same.
	Transform WeightTransform
	// Mean and Var are the running statistics of OpBatchNorm, whose Scale and
	// Bias are γ and β; nil: 0 and 1.
	Mean, Var []float32
	// Activation is the function of OpActivation. Nodes whose activations are
	// equal (the same pointer) share its trained parameters.
	Activation Activation
}

// Spec is a network to train, in execution order. Nodes[0] is the input, the
// last node gives the logits.
type Spec struct {
	Name  string
	Nodes []Node
}

// WeightTransform maps the float weights of a layer to the weights that the
// forward and the backward pass use; the gradient with respect to the used
// weights is applied to the float weights (straight through). Both slices are
// [channels][len/channels], channel-major. w must not be changed.
type WeightTransform interface {
	Transform(used, w []float32, channels int)
}

// Activation is an element-wise function with trained parameters. It must be
// comparable and is called from several goroutines at once.
type Activation interface {
	// Parameters describes the trained parameters; there may be none.
	Parameters() []Parameter
	// Forward writes the function of src to dst.
	Forward(dst, src, param []float32)
	// Backward writes to dsrc the gradient passed on, given the gradient ddst
	// of the output, and adds the gradients of the parameters to dparam.
	Backward(dsrc, ddst, src, param []float32, dparam []float64)
}

// Parameter is a trained scalar of an activation and how it is updated: the
// gradient, summed over the batch, is multiplied by Rate and clipped to
// ±GradClip (0: not clipped), then follows the weights' update rule; the value
// is kept in [Min, Max].
type Parameter struct {
	Start, Rate, GradClip, Min, Max float32
}

// NewSpec starts a specification with its input.
func NewSpec(name string, input kernels.Shape) *Spec {
	s := &Spec{Name: name}
	s.Append(Node{Node: kernels.Node{Name: "input", Op: kernels.OpInput, Shape: input}})
	return s
}

// Append adds a node and returns its index.
func (s *Spec) Append(n Node) int {
	s.Nodes = append(s.Nodes, n)
	return len(s.Nodes) - 1
}

// Conv adds a square convolution to the given number of channels.
func (s *Spec) Conv(name string, in, channels, kernel, stride, pad int) int {
	return s.Append(Node{Node: sliding(name, kernels.OpConv, in, channels, kernel, stride, pad)})
}

// Dense adds a fully connected layer.
func (s *Spec) Dense(name string, in, channels int) int {
	n := kernels.Node{Name: name, Op: kernels.OpDense, Inputs: []int{in}}
	n.Shape.C = channels
	return s.Append(Node{Node: n})
}

// BatchNorm adds a batch normalization; a layer right before it loses its bias.
func (s *Spec) BatchNorm(name string, in int) int {
	if op := s.Nodes[in].Op; op == kernels.OpConv || op == kernels.OpDense {
		s.Nodes[in].NoBias = true
	}
	return s.unary(name, OpBatchNorm, in)
}

// Relu adds max(x, 0).
func (s *Spec) Relu(name string, in int) int { return s.unary(name, kernels.OpRelu, in) }

// Activate adds an activation of the caller's.
func (s *Spec) Activate(name string, in int, f Activation) int {
	at := s.unary(name, OpActivation, in)
	s.Nodes[at].Activation = f
	return at
}

// Add adds the sum of two nodes of one shape.
func (s *Spec) Add(name string, a, b int) int {
	return s.Append(Node{Node: kernels.Node{Name: name, Op: kernels.OpAdd, Inputs: []int{a, b}}})
}

// MaxPool adds a square maximum pooling.
func (s *Spec) MaxPool(name string, in, kernel, stride, pad int) int {
	return s.Append(Node{Node: sliding(name, kernels.OpMaxPool, in, 0, kernel, stride, pad)})
}

// AvgPool adds a square average pooling; padding does not count.
func (s *Spec) AvgPool(name string, in, kernel, stride, pad int) int {
	return s.Append(Node{Node: sliding(name, kernels.OpAvgPool, in, 0, kernel, stride, pad)})
}

// GlobalPool adds the mean over height and width.
func (s *Spec) GlobalPool(name string, in int) int {
	return s.unary(name, kernels.OpGlobalPool, in)
}

// Flatten adds the change to a vector in C, H, W order.
func (s *Spec) Flatten(name string, in int) int { return s.unary(name, kernels.OpFlatten, in) }

func (s *Spec) unary(name string, op kernels.OpType, in int) int {
	return s.Append(Node{Node: kernels.Node{Name: name, Op: op, Inputs: []int{in}}})
}

func sliding(name string, op kernels.OpType, in, channels, kernel, stride, pad int) kernels.Node {
	return kernels.Node{
		Name: name, Op: op, Inputs: []int{in}, Shape: kernels.Shape{C: channels},
		Kernel: [2]int{kernel, kernel}, Stride: [2]int{stride, stride}, Dilation: [2]int{1, 1},
		Pad: [4]int{pad, pad, pad, pad}, Groups: 1,
	}
}

// clone copies the node list, so that shapes can be filled in.
func (s *Spec) clone() *Spec {
	return &Spec{Name: s.Name, Nodes: append([]Node(nil), s.Nodes...)}
}

// inputs returns the shapes of node i's inputs.
func (s *Spec) inputs(i int) ([]kernels.Shape, error) {
	n := &s.Nodes[i]
	want := 1
	switch n.Op {
	case kernels.OpAdd:
		want = 2
	case kernels.OpConcat:
		want = max(1, len(n.Inputs))
	}
	if len(n.Inputs) != want {
		return nil, fmt.Errorf("%d inputs: want %d", len(n.Inputs), want)
	}
	var shapes []kernels.Shape
	for _, j := range n.Inputs {
		if j < 0 || j >= i {
			return nil, fmt.Errorf("input %d: must be an earlier node", j)
		}
		shapes = append(shapes, s.Nodes[j].Shape)
	}
	return shapes, nil
}
