package stepped

import (
	"errors"
	"fmt"
	"slices"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// job is an op laid out for an array: its channels in the order in which they
// meet it, and its operands.
type job struct {
	array   *arch.Array
	op      *workload.Op
	opt     Options
	weights []int32
	acts    []int32
	n       int // output positions of all images
	lanes   int // output channels side by side
	// segments are the stretches of the reduction that folds do not cross: one of
	// all K, or one for each kernel position.
	segments [][]int32
	sets     [][]channel // at most lanes channels side by side, never of two groups
	result   Result
}

// channel is a weight vector of nonzero width.
type channel struct{ row, group, bits int }

func newJob(acc *arch.Accelerator, op *workload.Op, weights, acts []int32, opt Options) (*job, error) {
	notation := acc.Memory.Notation(op)
	op = &notation
	j := &job{array: &acc.Array, op: op, opt: opt, weights: weights, acts: acts, n: op.N * op.Batch * max(acc.Batch, 1)}
	if j.lanes = j.array.Cols; acc.Engine == arch.BitSerial {
		j.lanes = j.array.Rows
	}
	if err := j.check(acc); err != nil {
		return nil, err
	}
	if err := j.segment(); err != nil {
		return nil, err
	}
	j.cut()
	j.result.Outputs = make([]int64, op.VirtualChannels()*j.n)
	return j, nil
}

func (j *job) check(acc *arch.Accelerator) error {
	a, op := j.array, j.op
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if op.Kind == workload.Vector {
		return fmt.Errorf("op %q: only products and recursions have a stepped twin", op.Name)
	}
	if j.sideBySide() && acc.Engine != arch.BitSerial {
		bad("op %q: the stepped %s array has no depthwise lanes", op.Name, acc.Engine)
	}
	if err := (&workload.Workload{Ops: []workload.Op{*op}}).Validate(); err != nil {
		return err
	}
	if a.Rows < 1 || a.Cols < 1 {
		bad("array.rows × array.cols = %d × %d: must be at least 1 × 1", a.Rows, a.Cols)
	}
	if acc.Engine != arch.BitSerial && a.Sync != "" && a.Sync != "tile" {
		bad("array.sync = %q: the stepped %s array only knows tile", a.Sync, acc.Engine)
	}
	if want := op.VirtualChannels() * op.K; len(j.weights) != want {
		bad("%d weights: must be %d, virtual channels × K", len(j.weights), want)
	}
	if want := op.Groups * op.K * j.n; len(j.acts) != want {
		bad("%d activations: must be %d, groups × K × positions", len(j.acts), want)
	}
	if len(errs) == 0 {
		errs = append(errs, j.checkRanges())
	}
	return errors.Join(errs...)
}

// checkRanges reports the first integer that does not fit its width.
func (j *job) checkRanges() error {
	for row := range j.op.VirtualChannels() {
		bits := int(j.op.WeightBits.At(row))
		for k, w := range j.weights[row*j.op.K : (row+1)*j.op.K] {
			plusMinus := bits == 1 && (w == 1 || w == -1) // one-bit weights may be ±1
			if !fits(w, bits, !j.opt.UnsignedWeights) && !plusMinus {
				return fmt.Errorf("weight %d of channel %d is %d: must fit %d bits", k, row, w, bits)
			}
		}
	}
	for i, x := range j.acts {
		if !fits(x, int(j.op.ActBits), j.op.ActSigned) {
			return fmt.Errorf("activation %d is %d: must fit %d bits", i, x, j.op.ActBits)
		}
	}
	return nil
}

// fits reports whether v is a bits wide integer.
func fits(v int32, bits int, signed bool) bool {
	if bits == 0 {
		return v == 0
	}
	if signed {
		return v >= -1<<(bits-1) && v < 1<<(bits-1)
	}
	return v >= 0 && v < 1<<bits
}

// segment splits the reduction.
func (j *job) segment() error {
	area := 1
	if j.array.ReduceBy == "channel" && !j.opt.Flat && j.op.Kind != workload.MatMul {
		area = j.op.Kernel[0] * j.op.Kernel[1]
		if area < 1 || j.op.K%area != 0 {
			return fmt.Errorf("op %q: K = %d: must be a multiple of the kernel area %d", j.op.Name, j.op.K, area)
		}
	}
	for position := range area {
		var segment []int32
		for k := position; k < j.op.K; k += area {
			segment = append(segment, int32(k))
		}
		j.segments = append(j.segments, segment)
	}
	return nil
}

// sideBySide reports whether depthwise kernels share the array, each with
// inputs of its own.
func (j *job) sideBySide() bool {
	return j.op.Kind == workload.Depthwise && j.array.SideBySide(j.op.Groups, j.op.M, j.lanes)
}

// cut drops pruned channels, orders the others and cuts them into sets of as
// many as run side by side; those of different groups only if they are depthwise
// lanes.
func (j *job) cut() {
	lanes, row := j.lanes, 0
	var members []channel
	for g := range j.op.Groups {
		for range j.groupRows(g) {
			if bits := int(j.op.WeightBits.At(row)); bits > 0 {
				members = append(members, channel{row, g, bits})
			}
			row++
		}
		if !j.sideBySide() {
			j.cutGroup(members, lanes)
			members = nil
		}
	}
	j.cutGroup(members, j.array.DepthwiseOf(lanes))
}

func (j *job) cutGroup(members []channel, lanes int) {
	if j.array.Order == "sorted" || j.array.Order == "lpt" {
		slices.SortStableFunc(members, func(a, b channel) int { return b.bits - a.bits })
	}
	for lo := 0; lo < len(members); lo += lanes {
		j.sets = append(j.sets, members[lo:min(lo+lanes, len(members))])
	}
}

// groupRows is the number of weight vectors of a group.
func (j *job) groupRows(g int) int {
	if j.op.Points == nil {
		return j.op.M
	}
	rows := 0
	for _, p := range j.op.Points[g*j.op.M : (g+1)*j.op.M] {
		rows += int(p)
	}
	return rows
}

// weight returns one weight of a channel, 0 beyond the reduction (k = −1).
func (j *job) weight(c channel, k int32) int32 {
	if k < 0 {
		return 0
	}
	return j.weights[c.row*j.op.K+int(k)]
}

// act returns one activation of a group, 0 beyond the reduction or positions.
func (j *job) act(group int, k int32, n int) int32 {
	if k < 0 || n < 0 || n >= j.n {
		return 0
	}
	return j.acts[(group*j.op.K+int(k))*j.n+n]
}

// widest returns the most bits of a set.
func widest(set []channel) int {
	bits := 0
	for _, c := range set {
		bits = max(bits, c.bits)
	}
	return bits
}

// settle splits busy cycles of channels side by side into the share that evenly
// spread work would take and the wait for the widest.
func (c *Cycles) settle(busy, work int64, channels int) {
	compute := (work + int64(channels) - 1) / int64(channels)
	c.Compute += compute
	c.Imbalance += busy - compute
}
