package sim

import (
	"context"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/simtest"
	"bitcycle/sim/internal/units"

	"pgregory.net/rapid"
)

// law is what holds on every machine, or on every one of a memory system.
type law struct {
	name string
	hold func(t *rapid.T, on func(acc *arch.Accelerator))
}

var laws = []law{
	{"costs add up", costsAddUp},
	{"bytes are at least compulsory", bytesAreCompulsory},
	{"the array is never faster than alone", neverFasterThanTheArray},
}

// TestMemorySystems is the contract of memory systems: each passes the same laws with
// every engine that it goes with. A new one is a row of simtest.Systems.
func TestMemorySystems(t *testing.T) {
	for _, s := range simtest.Systems {
		for _, l := range laws {
			t.Run(s.Name+"/"+l.name, func(t *testing.T) {
				rapid.Check(t, func(t *rapid.T) { l.hold(t, s.Have) })
			})
		}
	}
}

// TestAnyMachine holds the laws on machines of all kinds.
func TestAnyMachine(t *testing.T) {
	for _, l := range laws {
		t.Run(l.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { l.hold(t, func(*arch.Accelerator) {}) })
		})
	}
}

func costsAddUp(t *rapid.T, on func(acc *arch.Accelerator)) {
	ops := []workload.Op{simtest.Op(t), simtest.Op(t)}
	ops[1].From = []int{rapid.IntRange(-1, 0).Draw(t, "from")}
	addsUp(t, run(t, simtest.Machine(t, on), ops...))
}

func bytesAreCompulsory(t *rapid.T, on func(acc *arch.Accelerator)) {
	bytesAtLeast(t, simtest.Machine(t, on, everyTensorOnce))
}

// bytesAtLeast draws a product: a machine reads its weights and inputs and writes its
// outputs, once at least.
func bytesAtLeast(t *rapid.T, acc *arch.Accelerator) {
	op := lawOp(t)
	op.OutBits = uint8(rapid.IntRange(1, 32).Draw(t, "out bits"))
	l := run(t, acc, op).Layers[0]
	reads, writes := compulsory(acc, &op)
	if l.DRAMRead < reads || l.DRAMWrite < writes {
		t.Fatalf("read %d and wrote %d bytes, compulsory are %d and %d", l.DRAMRead, l.DRAMWrite, reads, writes)
	}
}

// compulsory is the bytes that a product must move where nothing stays on chip, its
// outputs at their own width: none of a product without weights.
func compulsory(acc *arch.Accelerator, op *workload.Op) (reads, writes int64) {
	images := int64(op.Batch * acc.Batch)
	var weights int64
	for v := range op.VirtualChannels() {
		weights += int64(op.K) * int64(op.WeightBits.At(v))
	}
	if weights == 0 {
		return 0, 0
	}
	notation := acc.Memory.Notation(op)
	elements := notation.InputElements()
	if acc.MemorySystem() == "steady" {
		elements = reached(op)
	}
	elements = elements / int64(op.Groups) * busyGroups(op)
	return units.Bytes(weights + elements*images*int64(op.ActBits)), units.Bytes(op.OutputElements() * images * int64(op.OutBits))
}

// The time in which channels work or wait for the widest beside them is that of the
// array alone, or more: cuts only add to it.
func neverFasterThanTheArray(t *rapid.T, on func(acc *arch.Accelerator)) {
	acc := simtest.Machine(t, on, func(acc *arch.Accelerator) { acc.Array.Sync, acc.Array.Order = "tile", "sorted" })
	op := simtest.Op(t)
	got := engineCycles(run(t, acc, op))
	alone := *acc
	alone.Memory.Kind, alone.Energy.DRAMModel = "ideal", "flat"
	if want := engineCycles(run(t, &alone, op)); got < want {
		t.Fatalf("%d cycles of work, the array alone needs %d", got, want)
	}
}

// TestEveryPairIsSeen draws machines until every memory system has been accepted on
// every engine that it goes with, and no other.
func TestEveryPairIsSeen(t *testing.T) {
	for range 12 {
		rapid.Check(t, func(t *rapid.T) { simtest.Machine(t) })
	}
	want := map[string]bool{"fusion on steady": true, "bitserial on fitted ports": true, "systolic on decoupled": true}
	for _, e := range arch.Engines() {
		for _, m := range []string{"ideal", "tiles", "max", "queues"} {
			want[string(e)+" on "+m] = true
		}
	}
	for pair := range want {
		if simtest.Accepted[pair] == 0 {
			t.Errorf("no %s among the machines", pair)
		}
	}
	for pair, n := range simtest.Accepted {
		if !want[pair] {
			t.Errorf("%d machines are %s", n, pair)
		}
	}
	t.Logf("%d machines refused, accepted %v", simtest.Refused, simtest.Accepted)
}

// TestEveryChoiceRunsOrIsRefused goes through all combinations of what a memory system
// looks at: what arch lets through runs, what it refuses for its engine ends in an
// error here too.
func TestEveryChoiceRunsOrIsRefused(t *testing.T) {
	w := &workload.Workload{Ops: []workload.Op{simtest.Conv("conv", 3, 5, 6, 3, 1, 3, 5), simtest.Depthwise("depthwise", 6, 5, 3, 1, 2, 5)}}
	refused, ran := 0, 0
	for _, engine := range arch.Engines() {
		for _, kind := range []string{"ideal", "flat", "dram"} {
			for _, overlap := range []string{"tiles", "max", "steady", "fitted", "none"} {
				for i := range 1 << 5 {
					bit := func(n int) bool { return i>>n&1 == 1 }
					acc := arch.Default(engine, 45)
					m := &acc.Memory
					m.Kind, m.Overlap, m.ReadOutputs, m.Metadata = kind, overlap, bit(0), bit(1)
					if bit(2) {
						m.Ports = "split"
					}
					if acc.Buffers.Unified = bit(3); acc.Buffers.Unified {
						acc.Buffers.Weights.Bytes = 0
					}
					if bit(4) {
						acc.Array.Serial, acc.Array.Dataflow = "weights", "os"
					}
					acc.Array.DepthwiseLanes = 1
					acc.Derive()
					_, err := Run(context.Background(), &acc, w, Options{})
					if bad := acc.Validate(); bad != nil {
						refused++
						astray := overlap == "steady" && engine != arch.Fusion || overlap == "fitted" && engine != arch.BitSerial
						if kind == "flat" && astray && err == nil {
							t.Errorf("%s, %s: refused (%v), and runs", engine, overlap, bad)
						}
						continue
					}
					if ran++; err != nil {
						t.Errorf("%s on %+v: %v", engine, *m, err)
					}
				}
			}
		}
	}
	t.Logf("%d run, %d are refused", ran, refused)
}
