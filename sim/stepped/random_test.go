package stepped

import (
	"math/rand/v2"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// Case is a product and the array to run it on.
type Case struct {
	Machine arch.Accelerator
	Op      workload.Op
	Weights []int32 // [virtual channels][K]
	Acts    []int32 // [Groups][K][N·Batch]
	Options Options
}

// Run steps the case.
func (c *Case) Run() (Result, error) {
	return Run(&c.Machine, c.Op, c.Weights, c.Acts, c.Options)
}

// RandomCase draws a small product with a width for each channel, signed or
// unsigned operands full of extremes, and an array of one of the engines with a
// twin. The fast machine must take the same cycles for it.
func RandomCase(rng *rand.Rand) Case {
	var c Case
	c.Op = randomOp(rng)
	a := &c.Machine.Array
	a.Rows, a.Cols = 1+rng.IntN(6), 1+rng.IntN(6)
	a.Sync, a.Order = "tile", pick(rng, "inorder", "sorted")
	a.ReduceBy = pick(rng, "flat", "flat", "channel")
	a.FillCycles = -1
	switch rng.IntN(5) {
	case 0:
		randomBitSerial(rng, &c)
	case 1:
		randomFusion(rng, a)
		c.Machine.Engine = arch.Fusion
	default:
		randomSystolic(rng, a)
		c.Machine.Engine = arch.Systolic
	}
	c.Machine.Name, c.Machine.Batch = "random", 1
	c.Options.UnsignedWeights = rng.IntN(4) == 0
	c.draw(rng)
	return c
}

func pick[T any](rng *rand.Rand, from ...T) T { return from[rng.IntN(len(from))] }

// randomOp draws a matrix product, or a convolution of a few kernel positions.
func randomOp(rng *rand.Rand) workload.Op {
	op := workload.Op{
		Name: "random", Kind: workload.MatMul, Groups: 1, Batch: 1 + rng.IntN(2),
		M: 1 + rng.IntN(14), K: 1 + rng.IntN(40), N: 1 + rng.IntN(9),
		ActBits: uint8(1 + rng.IntN(workload.MaxBits)), ActSigned: rng.IntN(2) == 0,
	}
	if rng.IntN(3) == 0 {
		op.Kind, op.Groups, op.Batch = workload.Conv, 1+rng.IntN(2), 1
		channels := 1 + rng.IntN(9)
		op.Kernel = [2]int{1 + rng.IntN(3), 1 + rng.IntN(3)}
		op.Out = [2]int{1 + rng.IntN(3), 1 + rng.IntN(3)}
		op.Stride, op.Dilation = [2]int{1, 1}, [2]int{1, 1}
		op.In = [3]int{op.Groups * channels, op.Out[0] + op.Kernel[0] - 1, op.Out[1] + op.Kernel[1] - 1}
		op.K, op.N = channels*op.Kernel[0]*op.Kernel[1], op.Out[0]*op.Out[1]
	}
	widest := pick(rng, 2, 4, 8, 8, workload.MaxBits)
	if rng.IntN(3) == 0 {
		op.WeightBits = []uint8{uint8(1 + rng.IntN(widest))}
		return op
	}
	for range op.Channels() {
		op.WeightBits = append(op.WeightBits, uint8(rng.IntN(widest+1)))
	}
	return op
}

func randomSystolic(rng *rand.Rand, a *arch.Array) {
	a.Dataflow = pick(rng, "ws", "ws", "os", "is")
	a.ShadowWeights = rng.IntN(2) == 0
	a.DrainCycles = pick(rng, 0, 0, a.Rows, 3)
	a.NativeWeightBits, a.NativeActBits = pick(rng, 4, 8, 8, 16), pick(rng, 4, 8, 8, 16)
	a.Pack = rng.IntN(3) > 0
	if rng.IntN(2) == 0 {
		a.WeightWidths, a.ActWidths = []int{2, 4, 8}, []int{2, 4, 8}
	}
}

func randomFusion(rng *rand.Rand, a *arch.Array) {
	a.NativeWeightBits, a.NativeActBits, a.Pack = 8, 8, true
	a.WeightWidths = pick(rng, []int{2, 4, 8}, []int{4, 8})
	a.ActWidths = pick(rng, []int{2, 4, 8}, []int{8})
	a.ReconfigCycles = pick(rng, 0, 5, 16)
	a.FillCycles = pick(rng, -1, -1, 0, 7)
}

func randomBitSerial(rng *rand.Rand, c *Case) {
	c.Machine.Engine = arch.BitSerial
	a := &c.Machine.Array
	a.Dot = pick(rng, 1, 3, 8, 16, 64, 100)
	a.Serial = pick(rng, "both", "both", "weights", "activations", "none")
	a.SerialBits, a.SerialWeightBits = pick(rng, 0, 1, 2, 4), pick(rng, 0, 1, 2)
	a.ParallelBits = pick(rng, 0, 16, 8)
	a.IssueCycles, a.LatencyCycles, a.StripeCycles = pick(rng, 0, 0, 3), pick(rng, 0, 10), pick(rng, 0, 6)
	a.FillCycles = pick(rng, -1, 0, 4)
	if rng.IntN(3) == 0 {
		a.WeightWidths = []int{2, 4, 8, 16}
	}
	a.Sync, a.Order = pick(rng, "tile", "lane", "group"), pick(rng, "inorder", "sorted", "lpt")
	a.GroupSize = 1 + rng.IntN(a.Rows)
}

// draw fills in the operands.
func (c *Case) draw(rng *rand.Rand) {
	op := &c.Op
	for row := range op.VirtualChannels() {
		bits := int(op.WeightBits.At(row))
		plusMinus := bits == 1 && !c.Options.UnsignedWeights && rng.IntN(2) == 0
		for range op.K {
			w := randomInt(rng, bits, !c.Options.UnsignedWeights)
			if plusMinus {
				w = int32(1 - 2*rng.IntN(2))
			}
			c.Weights = append(c.Weights, w)
		}
	}
	for range op.Groups * op.K * op.N * op.Batch {
		c.Acts = append(c.Acts, randomInt(rng, int(op.ActBits), op.ActSigned))
	}
}

// randomInt draws an integer of a width, often one of its extremes.
func randomInt(rng *rand.Rand, bits int, signed bool) int32 {
	if bits == 0 {
		return 0
	}
	v := int32(rng.IntN(1 << bits))
	if rng.IntN(4) == 0 {
		v = pick[int32](rng, 0, 1<<bits-1, 1<<(bits-1))
	}
	if signed {
		v -= 1 << (bits - 1)
	}
	return v
}
