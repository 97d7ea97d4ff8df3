package train

import (
	"fmt"

	"bitcycle/kernels"
)

// Node is one operator. Weights that are nil are drawn from the model's seed,
// others are where training starts. Two things exist in training only, with Op
// nil: a batch normalization and a function of the caller's.
type Node struct {
	kernels.Node
	// NoBias leaves a convolution or dense layer without bias, as before a
	// batch normalization.
	NoBias bool
	// Transform maps the weights of a convolution or dense layer to those it
	// computes with; nil: the same.
	Transform WeightTransform
	// Norm makes the node y = γ·(x − mean)/√(var + ε) + β per channel.
	Norm *BatchNorm
	// Activation makes the node y = Activation(x), element by element. Nodes whose
	// activations are equal (the same pointer) share its trained parameters.
	Activation Activation
}

// BatchNorm is where a batch normalization begins, by channel; what is nil is 1
// for Gamma and Var and 0 for Beta and Mean.
type BatchNorm struct {
	Gamma, Beta []float32
	Mean, Var   []float32 // running statistics
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
	s.Op("input", kernels.Input{Shape: input})
	return s
}

// Append adds a node and returns its index.
func (s *Spec) Append(n Node) int {
	s.Nodes = append(s.Nodes, n)
	return len(s.Nodes) - 1
}

// Op adds an operator of package kernels that reads the given nodes.
func (s *Spec) Op(name string, op kernels.Operator, in ...int) int {
	return s.Append(Node{Node: kernels.Node{Name: name, Op: op, Inputs: in}})
}

// Conv adds a square convolution to the given number of channels.
func (s *Spec) Conv(name string, in, channels, kernel, stride, pad int) int {
	return s.Op(name, kernels.Conv{Channels: channels, Window: square(kernel, stride, pad)}, in)
}

// Dense adds a fully connected layer.
func (s *Spec) Dense(name string, in, channels int) int {
	return s.Op(name, kernels.Dense{Channels: channels}, in)
}

// BatchNorm adds a batch normalization; a layer right before it loses its bias.
func (s *Spec) BatchNorm(name string, in int) int {
	if kernels.HasWeights(s.Nodes[in].Op) {
		s.Nodes[in].NoBias = true
	}
	at := s.Op(name, nil, in)
	s.Nodes[at].Norm = &BatchNorm{}
	return at
}

// Relu adds max(x, 0).
func (s *Spec) Relu(name string, in int) int { return s.Op(name, kernels.Relu{}, in) }

// Activate adds an activation of the caller's.
func (s *Spec) Activate(name string, in int, f Activation) int {
	at := s.Op(name, nil, in)
	s.Nodes[at].Activation = f
	return at
}

// Add adds the sum of two nodes of one shape.
func (s *Spec) Add(name string, a, b int) int { return s.Op(name, kernels.Add{}, a, b) }

// MaxPool adds a square maximum pooling.
func (s *Spec) MaxPool(name string, in, kernel, stride, pad int) int {
	return s.Op(name, kernels.MaxPool{Window: square(kernel, stride, pad)}, in)
}

// AvgPool adds a square average pooling; padding does not count.
func (s *Spec) AvgPool(name string, in, kernel, stride, pad int) int {
	return s.Op(name, kernels.AvgPool{Window: square(kernel, stride, pad)}, in)
}

// GlobalPool adds the mean over height and width.
func (s *Spec) GlobalPool(name string, in int) int { return s.Op(name, kernels.GlobalPool{}, in) }

// Flatten adds the change to a vector in C, H, W order.
func (s *Spec) Flatten(name string, in int) int { return s.Op(name, kernels.Flatten{}, in) }

func square(kernel, stride, pad int) kernels.Window {
	return kernels.Window{Kernel: [2]int{kernel, kernel}, Stride: [2]int{stride, stride}, Pad: [4]int{pad, pad, pad, pad}}
}

// clone copies the node list, so that shapes can be filled in.
func (s *Spec) clone() *Spec {
	return &Spec{Name: s.Name, Nodes: append([]Node(nil), s.Nodes...)}
}

// inputs returns the shapes of node i's inputs.
func (s *Spec) inputs(i int) ([]kernels.Shape, error) {
	var shapes []kernels.Shape
	for _, j := range s.Nodes[i].Inputs {
		if j < 0 || j >= i {
			return nil, fmt.Errorf("input %d: must be an earlier node", j)
		}
		shapes = append(shapes, s.Nodes[j].Shape)
	}
	return shapes, nil
}

// product returns the product of node i, whose shapes are filled in.
func (s *Spec) product(i int) (p kernels.Product, ok bool) {
	if s.Nodes[i].Op == nil {
		return p, false
	}
	in, _ := s.inputs(i)
	return s.Nodes[i].Op.Product(in)
}
