package kernels

// Operator is what a node computes. Each operator is a type in a file of its
// own, op_NAME.go, whose fields are its attributes; everything that differs
// between operators is asked here, and nothing has a default: shapes, the float
// and the integer executor, what a machine is charged, how tensors are stored,
// what training needs. A node has one output; an operator with several is
// several nodes.
//
// An operator is a value and is never written to; weights lie in the Node. How far
// the integer executor may be off is said at each operator and held by the tests:
// by half a code where nothing is said.
type Operator interface {
	// Name names the operator in messages: "conv".
	Name() string
	// Arity returns the least and the largest number of inputs.
	Arity() (least, most int)
	// Infer returns the shape of the output, or says what does not fit. There are
	// as many inputs as Arity allows, none of them empty.
	Infer(in []Shape) (Shape, error)
	// Nonnegative tells whether the output cannot be negative, whatever the weights
	// are, given which of the inputs cannot.
	Nonnegative(in []bool) bool
	// Selects tells whether every output is a value of the inputs, zero, or a limit
	// that values are clamped to. Tensors before and after such an operator are
	// stored on one grid, and no code is computed.
	Selects() bool
	// Clamp returns the limits of an operator that does nothing but clamp; it may
	// become part of what computes its input. ok is false for all others.
	Clamp() (l Limits, ok bool)
	// Product returns the product with weights that the operator is; ok is false if
	// it has none. Whether it has does not depend on the inputs.
	Product(in []Shape) (p Product, ok bool)
	// ElementOps returns the element operations of one image, beside
	// multiply-accumulates: one for every value that enters an output, and one to
	// requantize where the result leaves the grid of its inputs. [Free] says that
	// the operator only tells where values lie, so that readers read its inputs.
	ElementOps(in []Shape, out Shape) int
	// Gradient returns how the operator runs in training, or why it cannot.
	// Operators with weights are trained by package train itself.
	Gradient(in []Shape, out Shape) (Gradient, error)

	// storage tells where the output lies.
	storage() storage
	// fuses tells whether the operator's executor, the float or the integer one,
	// takes along next, the only reader of its output. stepF32 and stepInt say with
	// what limits the step then ends.
	fuses(next Operator, integer bool) bool
	// float returns what computes a step that the operator begins, nil if nothing
	// is to be computed.
	float(s *stepF32) op
	// onGrids tells why the operator has no integer execution between grids.
	onGrids(in []Shape, from []Grid, to Grid) error
	// integer is float for codes.
	integer(s *stepInt) op
}

// Free is the charge of an operator that computes nothing.
const Free = 0

// storage is where the output of an operator lies.
type storage uint8

const (
	anywhere storage = iota // also in a part of a concatenation
	apart                   // in memory of its own
	joined                  // where its inputs lie side by side, channel after channel
	flat                    // where its input lies, if its readers can follow the order of that, else anywhere
)

// Limits are what values are clamped to.
type Limits struct{ Lo, Hi float32 }

var unlimited = Limits{-inf32, inf32}

// clamps tells whether an operator does nothing but clamp.
func clamps(o Operator) bool {
	_, ok := o.Clamp()
	return ok
}

// Product is an operator with weights as a matrix product: in each of Groups
// groups, Channels/Groups rows of K weights multiply what lies under a window.
type Product struct {
	Channels, Groups, K int // output channels and weights of each
	Window                  // complete
	// Whole tells that the window is the whole image: a dense layer, which reads a
	// vector in channel, row, column order and has one output position.
	Whole bool
}

// Depthwise tells whether every channel has a kernel of its own.
func (p *Product) Depthwise() bool {
	return p.Groups > 1 && p.Groups == p.Channels && p.K == p.Kernel[0]*p.Kernel[1]
}

// pointwise tells whether a convolution reads exactly one pixel per output, in order.
func (p *Product) pointwise() bool {
	one := [2]int{1, 1}
	return !p.Whole && p.Kernel == one && p.Stride == one && p.Pad == [4]int{}
}
