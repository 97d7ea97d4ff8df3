package lines

import (
	"testing"

	"bitcycle/sim/internal/calls"

	"pgregory.net/rapid"
)

// A row is cut into requests of powers of two, each at a multiple of its size.
func TestCut(t *testing.T) {
	u := unit{beat: 16, longest: 64}
	for _, c := range []struct {
		address, length int64
		covered, size   int64
	}{
		{0, 64, 64, 64}, {16, 64, 48, 64}, {64 + 48, 16, 16, 16}, {16, 16, 16, 16}, {0, 20, 20, 32}, {8, 16, 16, 32}, {56, 64, 8, 16}, {0, 3, 3, 16},
	} {
		if covered, size := u.cut(c.address, c.length); covered != c.covered || size != c.size {
			t.Errorf("%d bytes at %d: %d of %d, want %d of %d", c.length, c.address, covered, size, c.covered, c.size)
		}
	}
}

// near is a path whose lines are all in the cache.
var near = Path{
	Uneven: 1.25,
	Beat:   16, Requests: 16, Commands: 2, HitRead: 25, HitWrite: 20, Misses: 10, Refill: 8, Miss: 70, Memory: 110, Block: 30, WriteBack: 30,
	Cache: Level{Bytes: 1 << 19, Ways: 8, Line: 64}, Outer: Level{Bytes: 1 << 22, Ways: 8, Line: 128},
}

// small is 16 positions of 16 channels by 16 channels: one call.
func small() (calls.Product, calls.Nest) {
	p := calls.Product{
		Extent: calls.Sizes{1, 1, 16, 16, 1, 1, 16}, Groups: 1, Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, In: [2]int{1, 16},
		InBits: 8, WeightBits: 8, OutBits: 8, InStep: 16, OutStep: 16, WeightStep: 16, Passes: 1,
	}
	return p, calls.Nest{Tile: p.Extent, Order: calls.ConvOrder}
}

func units(slots int, work int64) Units {
	return Units{
		Units: calls.Units{Lanes: 16, Depth: 16, Step: 16, MaxBytes: 64}, Slots: slots,
		Execute: func(*calls.Box) int64 { return work },
	}
}

// One call by hand. Sums are zeroed for 16 cycles. 16 requests of weights go out at 16 to
// 31 and return a beat each from 41 on, until 57. Inputs are a second command; the 17th
// request waits for the first of 16 to return, at 42, and the last of 32 returns at 83.
// The array is busy until 183, the 16 writes are sent until 198 and are acknowledged 20
// later, the last at 218.
func TestOneCall(t *testing.T) {
	p, n := small()
	got := NewRunner(near, units(2, 100)).Run(&p, &n, Warm)
	if got.Cycles != 218 || got.Busy != 100 || got.Requests != 48 || got.Calls != 1 {
		t.Errorf("%+v, want 218 cycles", got)
	}
	if got.Loaded != [calls.Tensors]int64{256, 256, 256} {
		t.Errorf("loaded %v", got.Loaded)
	}
	if got.Read != 0 {
		t.Errorf("%d bytes of memory with all lines in the cache", got.Read)
	}
	cold := NewRunner(near, units(2, 100)).Run(&p, &n, Cold)
	if cold.Cycles <= got.Cycles || cold.Read != 2*256+256 {
		t.Errorf("cold %+v", cold)
	}
}

// Two calls in the units overlap, one at a time does not.
func TestSlots(t *testing.T) {
	p, n := small()
	p.Extent[calls.Rows], p.In[0] = 8, 8
	one := NewRunner(near, units(1, 100)).Run(&p, &n, Warm)
	two := NewRunner(near, units(2, 100)).Run(&p, &n, Warm)
	if one.Calls != 8 || two.Calls != 8 || two.Cycles > one.Cycles*3/4 {
		t.Errorf("one slot %d cycles, two %d", one.Cycles, two.Cycles)
	}
}

// Lines return whole, and a cache holds what it has room for.
func TestCache(t *testing.T) {
	c := newCache(4096, 8, 64)
	c.empty()
	for round := range 2 {
		for line := range uint32(64) {
			if hit, _, _ := c.touch(line, 0); hit != (round == 1) {
				t.Fatalf("line %d in round %d: hit %v", line, round, hit)
			}
		}
	}
	c.touch(3, 1)
	written := 0
	for line := uint32(64); line < 2000; line++ {
		if _, evicted, dirty := c.touch(line, 0); dirty {
			written++
			if evicted != 3 {
				t.Errorf("line %d was never written", evicted)
			}
		}
	}
	if written != 1 {
		t.Errorf("the line that was written went back %d times", written)
	}
}

// drawn is any product and nest, small enough to run.
func drawn(t *rapid.T) (calls.Product, calls.Nest) {
	size := func(name string, hi int) int { return rapid.IntRange(1, hi).Draw(t, name) }
	p := calls.Product{
		Matrix: rapid.Bool().Draw(t, "matrix"), Groups: size("groups", 3), InBits: 8, WeightBits: 8, OutBits: 8, Passes: 1,
		Stride: [2]int{size("down", 2), size("across", 2)}, Dilation: [2]int{1, 1},
		Extent: calls.Sizes{size("batch", 2), size("rows", 5), size("cols", 20), size("outs", 40), size("window", 3), size("wide", 3), size("ins", 70)},
	}
	if p.Matrix {
		for _, d := range []calls.Dim{calls.Batch, calls.Rows, calls.KRows, calls.KCols} {
			p.Extent[d] = 1
		}
	}
	e := &p.Extent
	p.In = [2]int{(e[calls.Rows]-1)*p.Stride[0] + e[calls.KRows], (e[calls.Cols]-1)*p.Stride[1] + e[calls.KCols]}
	p.InStep, p.OutStep, p.WeightStep = int64(e[calls.Ins]), int64(e[calls.Outs]), int64(e[calls.Outs])
	n := calls.Nest{Order: calls.ConvOrder}
	for d := range calls.Dims {
		n.Tile[d] = size("tile", e[d])
	}
	i, j := rapid.IntRange(0, 6).Draw(t, "swap"), rapid.IntRange(0, 6).Draw(t, "with")
	n.Order[i], n.Order[j] = n.Order[j], n.Order[i]
	return p, n
}

// Whatever the loops: every call runs once, the array's waits are what is left of the
// time, what is stored is the outputs, and a run repeats itself. The fast form counts the
// same calls, work and stores.
func TestRunLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, n := drawn(t)
		start := Start(rapid.IntRange(0, 2).Draw(t, "start"))
		u := units(rapid.IntRange(1, 3).Draw(t, "slots"), int64(rapid.IntRange(0, 200).Draw(t, "work")))
		r := NewRunner(near, u)
		got := r.Run(&p, &n, start)
		if got.Calls != n.Calls(&p) || got.Busy != got.Calls*u.Execute(nil) || got.Waits.Total() != got.Cycles-got.Busy {
			t.Fatalf("%+v of %d calls", got, n.Calls(&p))
		}
		if least := calls.Requests(&p, &n, &u.Units); got.Requests == 0 || got.Requests < least/8 {
			t.Fatalf("%d requests, %d rows", got.Requests, least)
		}
		if again := r.Run(&p, &n, start); again != got {
			t.Fatalf("%+v, and then %+v", got, again)
		}
		fast := NewFootprint(near, u).Run(&p, &n, start)
		if fast.Calls != got.Calls || fast.Busy != got.Busy || fast.Waits.Total() != fast.Cycles-fast.Busy {
			t.Fatalf("fast %+v, line by line %+v", fast, got)
		}
		if fast.Loaded[calls.Outputs] != got.Loaded[calls.Outputs] || fast.Loaded[calls.Weights] != got.Loaded[calls.Weights] {
			t.Fatalf("fast loads %v, line by line %v", fast.Loaded, got.Loaded)
		}
		for _, x := range []int64{got.Waits.Output, got.Waits.Input, got.Waits.WeightLoad, got.Waits.DRAM, fast.Waits.Output, fast.Waits.Input, fast.Waits.WeightLoad, fast.Waits.DRAM} {
			if x < 0 {
				t.Fatalf("%+v, %+v", got.Waits, fast.Waits)
			}
		}
	})
}

// A larger cache misses no more by the fast form, and none where all fits.
func TestFootprintFalls(t *testing.T) {
	p, n := small()
	p.Extent, p.In = calls.Sizes{1, 28, 28, 256, 1, 1, 512}, [2]int{28, 28}
	p.InStep, p.OutStep, p.WeightStep = 512, 256, 256
	n.Tile = calls.Sizes{1, 22, 23, 16, 1, 1, 240}
	last := int64(1) << 60
	for bytes := 1 << 14; bytes <= 1<<22; bytes *= 2 {
		path := near
		path.Cache.Bytes = bytes
		got := NewFootprint(path, units(2, 100)).Run(&p, &n, Warm)
		if got.Cycles > last {
			t.Errorf("%d bytes: %d cycles, %d with half of them", bytes, got.Cycles, last)
		}
		last = got.Cycles
	}
}
