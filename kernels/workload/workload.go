package workload

import (
	"errors"
	"fmt"
)

// Workload is what a machine runs: an ordered list of operations with their
// bit widths decided. It holds shapes and bits only, no data, and describes
// one image (or one block of samples) per Op.Batch.
type Workload struct {
	Name string
	Ops  []Op
}

// Kind tells how an Op maps to hardware.
type Kind uint8

// The kinds of operation.
const (
	Conv      Kind = iota // convolution, possibly grouped: a matrix product with a gather
	Depthwise             // Groups = input channels, K = the kernel's positions
	MatMul                // dense layer or plain matrix product
	Chain                 // recursion, serial along its length (Sigma-Delta)
	Vector                // element-wise work: add, pool, requantize, table look-up
)

// Op is one operation in the notation of a matrix product: each of Groups
// groups computes Out[M×N] = W[M×K] · X[K×N] for each of Batch images.
type Op struct {
	Name string
	Kind Kind

	M, K, N int // output channels per group; reduction length; output positions of one image
	Groups  int // 1 except for grouped and depthwise convolution
	Batch   int // images folded into this op before the machine's own batch; at least 1

	In       [3]int // input channels, height, width of one image (Conv, Depthwise)
	Kernel   [2]int // kernel height, width (Conv, Depthwise)
	Stride   [2]int // vertical, horizontal (Conv, Depthwise)
	Pad      [4]int // top, left, bottom, right zero padding (Conv, Depthwise)
	Dilation [2]int // vertical, horizontal; 1 = dense (Conv, Depthwise)
	Out      [2]int // output height, width (Conv, Depthwise)

	// WeightBits are the weight widths of the output channels of all groups, or, with
	// Points, of the points of channel 0, then of channel 1, and so on.
	WeightBits Widths
	// Points is the number of low-bit vectors that sum to each output channel
	// (multipoint quantization); nil means one each.
	Points []uint8
	// Dynamic says that W is activations, not weights: computed by one of the ops of
	// From, or kept from earlier runs. Every image has its own: a MatMul of Batch 1
	// without Points.
	Dynamic bool

	ActBits   uint8 // width of the input activations (Vector: of its inputs)
	ActSigned bool  // two's complement input activations
	OutBits   uint8 // width written back; 0 leaves the choice to the machine

	// From lists the ops whose outputs this op reads; -1 is the workload's input.
	// nil means the op before (the first op reads the workload's input).
	From []int

	// VectorOps is the element-wise work: for Vector ops the element operations of
	// one image; for the others the operations on each output element after the
	// product (1 = requantization, +1 = activation, +1 per further point).
	VectorOps int
	// Elements is the number of elements that a Vector op reads and writes per image.
	ElementsIn, ElementsOut int

	Recursion Recursion // Chain only
}

// Recursion is the shape of a Chain op: Rows independent recursions of Length
// steps each. The state of order Order is reset every Block steps (0 = never),
// so Length/Block sub-chains may run side by side.
type Recursion struct {
	Length, Rows, Block, Order int
	StateBits                  uint8 // width of the accumulators
}

// Channels returns the number of output channels over all groups.
func (op *Op) Channels() int { return op.M * op.Groups }

// VirtualChannels returns the number of weight vectors over all groups: the sum
// of Points, or Channels without them.
func (op *Op) VirtualChannels() int {
	if op.Points == nil {
		return op.Channels()
	}
	sum := 0
	for _, p := range op.Points {
		sum += int(p)
	}
	return sum
}

// MACs returns the multiply-accumulate operations of the op for its Batch,
// counting every virtual output channel of nonzero width.
func (op *Op) MACs() int64 {
	if op.Kind == Chain || op.Kind == Vector {
		return 0
	}
	active := op.WeightBits.Active(op.VirtualChannels())
	return int64(active) * int64(op.K) * int64(op.N) * int64(op.Batch)
}

// WeightCount returns the number of stored weights of nonzero width.
func (op *Op) WeightCount() int64 {
	if op.Kind > MatMul || op.Dynamic {
		return 0
	}
	return int64(op.WeightBits.Active(op.VirtualChannels())) * int64(op.K)
}

// InputElements returns the distinct input elements of one image: the tensor,
// not its im2col expansion.
func (op *Op) InputElements() int64 {
	switch op.Kind {
	case Conv, Depthwise:
		return int64(op.In[0]) * int64(op.In[1]) * int64(op.In[2])
	case MatMul:
		return int64(op.K) * int64(op.N) * int64(op.Groups)
	case Chain:
		return int64(op.Recursion.Length) * int64(op.Recursion.Rows)
	default:
		return int64(op.ElementsIn)
	}
}

// OutputElements returns the output elements of one image.
func (op *Op) OutputElements() int64 {
	switch op.Kind {
	case Chain:
		return int64(op.Recursion.Length) * int64(op.Recursion.Rows)
	case Vector:
		return int64(op.ElementsOut)
	default:
		return int64(op.Channels()) * int64(op.N)
	}
}

// Producers returns the ops whose outputs op i of the workload reads; -1 is
// the workload's input.
func (w *Workload) Producers(i int) []int {
	if from := w.Ops[i].From; from != nil {
		return from
	}
	return []int{i - 1}
}

// MACs returns the multiply-accumulate operations of all ops.
func (w *Workload) MACs() int64 {
	var sum int64
	for i := range w.Ops {
		sum += w.Ops[i].MACs()
	}
	return sum
}

// WeightCount returns the number of stored weights of all ops.
func (w *Workload) WeightCount() int64 {
	var sum int64
	for i := range w.Ops {
		sum += w.Ops[i].WeightCount()
	}
	return sum
}

// MaxWork bounds the multiply-accumulates, the elements of a tensor and the element
// operations of an op, for all images, so that no count of bits or cycles overflows.
const MaxWork = 1 << 50

// CheckSize reports what an op exceeds of [MaxWork] for so many times its Batch.
func (op *Op) CheckSize(images int) error {
	n := float64(images) * float64(max(op.Batch, 1))
	product := float64(op.M) * float64(op.Groups) * float64(op.K) * float64(op.N)
	in := float64(op.K) * float64(op.N) * float64(op.Groups)
	out := float64(op.M) * float64(op.Groups) * float64(op.N)
	work := float64(op.VectorOps)
	switch op.Kind {
	case Conv, Depthwise:
		in = float64(op.In[0]) * float64(op.In[1]) * float64(op.In[2])
		work *= out
	case MatMul:
		work *= out
	case Chain:
		in = float64(op.Recursion.Length) * float64(op.Recursion.Rows)
		product, out = 0, in
	default:
		product, in, out = 0, float64(op.ElementsIn), float64(op.ElementsOut)
	}
	for _, size := range []struct {
		of string
		n  float64
	}{
		{"multiply-accumulates", product * n},
		{"weights", product / max(float64(op.N), 1)},
		{"input elements", in * n},
		{"output elements", out * n},
		{"element operations", work * n},
	} {
		if size.n > MaxWork {
			return fmt.Errorf("%.3g %s: at most 2^50 of an op are counted", size.n, size.of)
		}
	}
	return nil
}

// Validate reports every impossible value, one error per op and rule.
func (w *Workload) Validate() error {
	var errs []error
	if len(w.Ops) == 0 {
		errs = append(errs, errors.New("workload has no ops"))
	}
	for i := range w.Ops {
		for _, err := range w.Ops[i].problems(i) {
			errs = append(errs, fmt.Errorf("op %d %q: %w", i, w.Ops[i].Name, err))
		}
	}
	return errors.Join(errs...)
}

func (op *Op) problems(index int) []error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if op.Batch < 1 {
		bad("batch = %d: must be at least 1", op.Batch)
	}
	for _, from := range op.From {
		if from < -1 || from >= index {
			bad("from = %d: must be an earlier op or -1", from)
		}
	}
	switch op.Kind {
	case Chain:
		if r := op.Recursion; r.Length < 1 || r.Rows < 1 || r.Order < 1 || r.Block < 0 || r.Block > r.Length {
			bad("recursion %+v: length, rows and order must be at least 1, block between 0 and length", r)
		}
	case Vector:
		if op.VectorOps < 0 || op.ElementsIn < 0 || op.ElementsOut < 1 {
			bad("vector work must read at least 0 and write at least 1 elements")
		}
	default:
		errs = append(errs, op.productProblems()...)
	}
	if len(errs) == 0 {
		if err := op.CheckSize(1); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func (op *Op) productProblems() []error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if op.M < 1 || op.K < 1 || op.N < 1 || op.Groups < 1 {
		bad("M×K×N = %d×%d×%d in %d groups: each must be at least 1", op.M, op.K, op.N, op.Groups)
		return errs
	}
	if op.Points != nil && len(op.Points) != op.Channels() {
		bad("%d points entries for %d output channels", len(op.Points), op.Channels())
		return errs
	}
	if err := op.WeightBits.Check(op.VirtualChannels()); err != nil {
		bad("weight_bits = %.60s: %w", op.WeightBits, err)
	}
	if op.Dynamic && (op.Kind != MatMul || op.Batch != 1 || op.Points != nil) {
		bad("dynamic: must be a matmul of batch 1 without points")
	}
	if op.ActBits < 1 || op.ActBits > MaxBits {
		bad("act_bits = %d: must be 1 to %d", op.ActBits, MaxBits)
	}
	if op.OutBits > MaxVectorBits {
		bad("out_bits = %d: must be 0 to %d", op.OutBits, MaxVectorBits)
	}
	return errs
}
