package engine_test

import (
	"testing"

	"bitcycle/arch"
	"bitcycle/sim/internal/cost"
	"bitcycle/sim/internal/engine"
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/simtest"

	"pgregory.net/rapid"
)

// contract is a kind of array in the suite that all of them pass.
type contract struct {
	engine arch.Engine
	// more doubles the channels that the array has side by side, and the rest.
	more func(a *arch.Array)
}

// contracts lists every engine: a new one is a row.
var contracts = []contract{
	{arch.Systolic, func(a *arch.Array) { a.Rows, a.Cols = 2*a.Rows, 2*a.Cols }},
	{arch.BitSerial, func(a *arch.Array) { a.Rows, a.Cols, a.Dot = 2*a.Rows, 2*a.Cols, 2*a.Dot }},
	{arch.Fusion, func(a *arch.Array) { a.Rows, a.Cols = 2*a.Rows, 2*a.Cols }},
	{arch.RowStationary, func(a *arch.Array) { a.Rows, a.Cols = 2*a.Rows, 2*a.Cols }},
	{arch.Streaming, func(a *arch.Array) { a.PE, a.SIMD = 2*a.PE, 2*a.SIMD }},
	{arch.SIMD, func(a *arch.Array) { a.Cores *= 2 }},
	{arch.NE16, func(a *arch.Array) { a.Cores *= 2 }},
	{arch.Pixels, func(a *arch.Array) { a.Pixels, a.Rows, a.Cols = 2*a.Pixels, 2*a.Rows, 2*a.Cols }},
	{arch.Kernels, func(*arch.Array) {}}, // one core
}

var laws = []struct {
	name string
	hold func(t *rapid.T, c contract)
}{
	{"nothing is negative", nothingNegative},
	{"utilisation is at most one", utilisation},
	{"nothing to do takes no time", nothingToDo},
	{"pieces take no less than the whole", pieces},
	{"more lanes are not slower", moreLanes},
	{"more work is not faster", moreWork},
	{"wider operands are not faster", widerOperands},
}

func TestContract(t *testing.T) {
	listed := map[arch.Engine]bool{}
	for _, c := range contracts {
		listed[c.engine] = true
		for _, l := range laws {
			t.Run(string(c.engine)+"/"+l.name, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) { l.hold(t, c) })
			})
		}
	}
	for _, e := range arch.Engines() {
		if !listed[e] {
			t.Errorf("%s is not in the suite", e)
		}
	}
}

// subject is a layer on an array.
type subject struct {
	acc *arch.Accelerator
	engine.Engine
	*layer.Layer
}

func (c contract) draw(t *rapid.T, change ...func(a *arch.Array)) subject {
	acc := simtest.MachineOf(t, c.engine, func(acc *arch.Accelerator) {
		acc.Memory.Kind = "ideal"
		for _, f := range change {
			f(&acc.Array)
		}
	})
	op := simtest.Op(t)
	return on(t, acc, func(e engine.Engine) *layer.Layer {
		l := &layer.Layer{}
		if err := l.Reset(acc, e.Lanes(), &op, rapid.Bool().Draw(t, "first"), op.Batch); err != nil {
			t.Fatal(err)
		}
		l.SetActs(int(op.ActBits), int(op.ActBits), 8)
		l.SetBits(op.WeightBits)
		return l
	})
}

func on(t *rapid.T, acc *arch.Accelerator, build func(e engine.Engine) *layer.Layer) subject {
	e, err := engine.New(acc)
	if err != nil {
		t.Fatal(err)
	}
	return subject{acc, e, build(e)}
}

// perTile is the synchronisation that every engine has.
func perTile(a *arch.Array) { a.Sync, a.Order = "tile", "sorted" }

// block draws a piece of the layer.
func (s *subject) block(t *rapid.T) engine.Block {
	b := engine.Whole(s.Layer)
	b.Lo = rapid.IntRange(0, b.Hi).Draw(t, "lo")
	b.Hi = rapid.IntRange(b.Lo, b.Hi).Draw(t, "hi")
	b.Chans = rapid.IntRange(1, b.Chans).Draw(t, "chans")
	b.N = rapid.Int64Range(1, b.N).Draw(t, "positions")
	b.First, b.Last = rapid.Bool().Draw(t, "first block"), rapid.Bool().Draw(t, "last block")
	return b
}

// work is the cycles in which channels work or wait for the widest beside them.
func work(s cost.Stalls) int64 { return s.Compute + s.Imbalance }

func nothingNegative(t *rapid.T, c contract) {
	s := c.draw(t)
	b := s.block(t)
	got, moved := s.Time(b), s.Access(b)
	for _, n := range []int64{
		got.Compute, got.Fill, got.Imbalance, got.WeightLoad, got.Input, got.Output, got.DRAM,
		moved.Weights, moved.Inputs, moved.OutputsRead, moved.OutputsWritten,
	} {
		if n < 0 {
			t.Fatalf("%+v, %+v", got, moved)
		}
	}
	if again := s.Time(b); again != got || s.Access(b) != moved {
		t.Fatalf("%+v, and then %+v", got, again)
	}
}

// The full array at its rate would need no longer than the block takes.
func utilisation(t *rapid.T, c contract) {
	s := c.draw(t)
	b := s.block(t)
	var full float64
	for _, set := range s.Sched.Sets[b.Lo:b.Hi] {
		for w := 1; w <= int(set.Max); w++ {
			full += float64(set.Count[w]) / s.Rate(w, s.ActBits)
		}
	}
	full *= float64(b.Chans) * float64(s.Area) * float64(b.N)
	if got := s.Time(b); full > float64(work(got))*(1+1e-9) {
		t.Fatalf("%v cycles at the peak rate, %+v", full, got)
	}
}

func nothingToDo(t *rapid.T, c contract) {
	s := c.draw(t)
	b := s.block(t)
	b.Hi = b.Lo
	if got := s.Time(b); got.Total() != 0 {
		t.Fatalf("no channels take %+v", got)
	}
}

// Cut along the channels, the reduction or the positions, the pieces need the array as
// long as the block, or longer where a piece does not fill it.
func pieces(t *rapid.T, c contract) {
	s := c.draw(t, perTile)
	b := s.block(t)
	x, y := b, b
	switch rapid.SampledFrom([]string{"channels", "reduction", "positions"}).Draw(t, "cut") {
	case "channels":
		x.Hi = rapid.IntRange(b.Lo, b.Hi).Draw(t, "at")
		y.Lo = x.Hi
	case "reduction":
		if b.Chans < 2 {
			t.Skip("one channel is not cut")
		}
		x.Chans = rapid.IntRange(1, b.Chans-1).Draw(t, "at")
		y.Chans = b.Chans - x.Chans
	case "positions":
		if b.N < 2 {
			t.Skip("one position is not cut")
		}
		x.N = rapid.Int64Range(1, b.N-1).Draw(t, "at")
		y.N = b.N - x.N
	}
	whole, cut := work(s.Time(b)), work(s.Time(x))+work(s.Time(y))
	if cut < whole {
		t.Fatalf("%d cycles in one piece, %d in two", whole, cut)
	}
}

// Twice the array needs no longer for a layer, filling and draining left aside.
func moreLanes(t *rapid.T, c contract) {
	s := c.draw(t, perTile)
	more := *s.acc
	c.more(&more.Array)
	twice := on(t, &more, func(e engine.Engine) *layer.Layer {
		l := &layer.Layer{}
		if err := l.Reset(&more, e.Lanes(), s.Op, false, s.Op.Batch); err != nil {
			t.Fatal(err)
		}
		l.Flat = s.Flat
		l.SetActs(s.ActBits, s.StoreBits, s.OutBits)
		l.SetBits(s.Op.WeightBits)
		return l
	})
	if s.PerInput != twice.PerInput {
		t.Skip("groups are put side by side on one of them") // by the number of rounds, whatever they take
	}
	one, two := s.Time(engine.Whole(s.Layer)), twice.Time(engine.Whole(twice.Layer))
	if work(two) > work(one) {
		t.Fatalf("%+v, on twice the array %+v", one, two)
	}
}

// One more position or reduction channel never makes a block faster.
func moreWork(t *rapid.T, c contract) {
	s := c.draw(t)
	b := s.block(t)
	more := b
	if rapid.Bool().Draw(t, "position") {
		more.N++
	} else if more.Chans++; more.Chans > s.Chans {
		t.Skip("the layer has no further channel")
	}
	if one, two := s.Time(b), s.Time(more); two.Total() < one.Total() {
		t.Fatalf("%+v, with more to do %+v", one, two)
	}
}

// The rate falls with both widths, and the width of processing rises with its own.
func widerOperands(t *rapid.T, c contract) {
	s := c.draw(t)
	const widest = 16
	w, a := rapid.IntRange(1, widest-1).Draw(t, "weight"), rapid.IntRange(1, widest-1).Draw(t, "act")
	rate := s.Rate(w, a)
	if wider, deeper := s.Rate(w+1, a), s.Rate(w, a+1); !(rate > 0) || wider > rate || deeper > rate {
		t.Fatalf("%v MACs per cycle at %d and %d bits, %v and %v with one bit more", rate, w, a, wider, deeper)
	}
	if s.Mode(w) > s.Mode(w+1) || s.Lanes() < 1 || s.Grain() < 1 {
		t.Fatalf("%d bits processed in %d, %d in %d; %d lanes, grain %d", w, s.Mode(w), w+1, s.Mode(w+1), s.Lanes(), s.Grain())
	}
}
