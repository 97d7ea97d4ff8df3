package sim

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/simtest"
)

// turns are settings that a sweep may make, of keys of every kind of dependence.
var turns = map[string][]string{
	"array.rows": {"4", "8", "12"}, "array.cols": {"4", "7", "16"}, "array.dot": {"32", "256"}, "array.order": {"sorted", "inorder"},
	"array.sync": {"tile", "lane", "group"}, "array.group_size": {"2", "8"}, "array.depthwise_lanes": {"1", "4"}, "array.reduce_by": {"flat", "channel"},
	"array.fill_cycles": {"-1", "9"}, "array.dataflow": {"ws", "os", "is"}, "array.first_layer_flat": {"true", "false"}, "array.weight_widths": {"[8]", "[2, 4, 8]", "[]"},
	"array.macs_per_cycle": {`{"8" = 1.5, "4" = 3}`}, "array.cores": {"1", "3"}, "array.pe": {"4", "8"},
	"batch": {"1", "2", "3"}, "clock_hz": {"1e9", "5e8"}, "technology_nm": {"28", "45"}, "voltage_v": {"0.8", "1"},
	"buffers.weights.bytes": {"2048", "65536"}, "buffers.inputs.bytes": {"2048", "131072"}, "buffers.outputs.bytes": {"4096", "65536"},
	"buffers.inputs.banks": {"1", "4"}, "buffers.weights.word_bits": {"32", "64"}, "buffers.layer_reuse": {"true", "false"}, "buffers.inputs.double": {"true", "false"},
	"memory.kind": {"ideal", "flat", "dram"}, "memory.overlap": {"tiles", "max"}, "memory.bits_per_cycle": {"16", "64", "100"}, "memory.ports": {"shared", "split"},
	"memory.weight_bits_per_cycle": {"32", "96"}, "memory.latency_cycles": {"0", "50"}, "memory.tile_buffers": {"2", "3"}, "memory.out_bits": {"next", "act", "32"},
	"memory.skip_unused": {"true", "false"}, "memory.layout": {"rows", "planes", "padded"}, "memory.metadata": {"true", "false"}, "memory.act_round": {"none", "pow2"},
	"memory.preset": {"ddr3-1600", "ddr4-2400"}, "memory.external": {"true", "false"}, "memory.flash_bytes": {"0", "4096"}, "memory.window": {"8", "32"}, "memory.channels": {"1", "2"}, "vector.lanes": {"0", "4"}, "vector.overlapped": {"true", "false"},
	"mapping.objective": {"cycles", "energy", "edp"}, "mapping.search": {"default", "fixed"},
	"energy.dram_pj_per_bit": {"1", "20"}, "energy.mac.pj_per_mac": {"1", "2"}, "energy.mac.model": {"const", "horowitz"}, "energy.idle_fraction": {"0", "0.5"},
	"energy.register_pj_per_bit": {"0", "0.01"}, "energy.vector_pj_per_op": {"3"}, "energy.dram_model": {"flat", "idd"}, "energy.sram.model": {"cacti", "table"},
}

var turnKeys = slices.Sorted(func(yield func(string) bool) {
	for key := range turns {
		if !yield(key) {
			return
		}
	}
})

// drawTurn draws settings of a machine.
func drawTurn(t *rapid.T) []string {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
		key := rapid.SampledFrom(turnKeys).Draw(t, "key")
		return key + "=" + rapid.SampledFrom(turns[key]).Draw(t, "value")
	}), 0, 3).Draw(t, "set")
}

// likeEachOther draws a workload some of whose ops are alike.
func likeEachOther(t *rapid.T) *workload.Workload {
	w := &workload.Workload{Name: "w"}
	for i := range rapid.IntRange(1, 6).Draw(t, "ops") {
		op := simtest.Op(t)
		if i > 0 && rapid.Bool().Draw(t, "again") {
			op = w.Ops[rapid.IntRange(0, i-1).Draw(t, "as")]
			op.WeightBits = slices.Clone(op.WeightBits)
		}
		if rapid.Bool().Draw(t, "uniform") && op.Kind <= workload.MatMul {
			op.WeightBits = workload.Widths{uint8(rapid.IntRange(0, 8).Draw(t, "bits"))}
		}
		op.Name, op.From = fmt.Sprint("op", i), nil
		w.Ops = append(w.Ops, op)
	}
	return w
}

// newMachine is a machine with its array and memory system.
func newMachine(acc *arch.Accelerator) (*machine, error) {
	m := &machine{}
	m.become(acc)
	return m, m.enter()
}

// unremembered is a run in which every op is priced by itself, by layers of its own.
func unremembered(acc *arch.Accelerator, w *workload.Workload) (*Result, error) {
	e := &Evaluator{}
	if err := e.open(acc, w, &Options{}); err != nil {
		return nil, err
	}
	for i := range e.ops {
		e.forget()
		e.layers = shelf{}
		if e.reprice(i); e.ops[i].err != nil {
			return nil, e.ops[i].err
		}
	}
	if e.m.streams() {
		e.overlapFrames()
	}
	return e.Result()
}

// What is looked up is what would be computed, to the last bit: an evaluator that goes from
// machine to machine and from widths to widths gives the results of runs of their own.
func TestMemoChangesNothing(t *testing.T) {
	names := []string{"scalesim-32x32", "haq-bismo-cloud", "gemmini-default", "bitfusion-eyeriss-45nm", "eyeriss-v1-65nm", "finn-streaming", "xpulpnn-8core-22nm", "unpu-65nm"}
	turned, looked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		base, err := arch.Open(rapid.SampledFrom(names).Draw(t, "machine"))
		if err != nil {
			t.Fatal(err)
		}
		w := likeEachOther(t)
		var e *Evaluator
		var standing []string
		for range 12 {
			set := drawTurn(t)
			acc, err := base.With(append(slices.Clone(standing), set...)...)
			if err != nil {
				continue // the settings do not go together
			}
			if rapid.Bool().Draw(t, "stays") {
				standing = append(standing, set...)
			}
			if e == nil {
				e, _ = NewEvaluator(acc, w)
				continue
			}
			if rapid.Bool().Draw(t, "widths") {
				i := rapid.IntRange(0, len(w.Ops)-1).Draw(t, "op")
				op := &w.Ops[i]
				op.ActBits = uint8(rapid.IntRange(1, 8).Draw(t, "act"))
				if op.Kind <= workload.MatMul {
					op.WeightBits = workload.Widths{uint8(rapid.IntRange(0, 8).Draw(t, "bits"))}
				}
				e.SetBits(i, op.WeightBits, op.ActBits)
			}
			want, wantErr := unremembered(acc, w)
			err = e.SetMachine(acc)
			turned++
			if e.m.memory == nil && err == nil {
				looked++
			}
			var got *Result
			if err == nil {
				got, err = e.Result()
			}
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("%v: %v, alone %v", set, err, wantErr)
			}
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(Layer{}, Shape{}, Mapping{})); diff != "" {
				t.Fatalf("%v: %s", set, diff)
			}
		}
	})
	if t.Logf("%d of %d machines had nothing to price", looked, turned); looked == 0 {
		t.Error("nothing is ever looked up")
	}
}

// Each key alone, on machines of all kinds: the machine with its value after the machine
// without it, and the other way round.
func TestEveryKeyIsLookedAt(t *testing.T) {
	w := &workload.Workload{Name: "w", Ops: []workload.Op{
		simtest.Conv("a", 16, 12, 12, 3, 1, 4, 8), simtest.Conv("b", 12, 20, 12, 3, 2, 4, 8), simtest.Conv("c", 20, 24, 6, 1, 1, 2, 8),
	}}
	w.Ops[2].VectorOps = 1
	for _, name := range []string{"scalesim-32x32", "haq-bismo-cloud", "gemmini-default", "bitfusion-eyeriss-45nm", "eyeriss-v1-65nm", "finn-streaming", "xpulpnn-8core-22nm", "unpu-65nm"} {
		base, err := arch.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, kind := range [][]string{
			nil,
			{"memory.kind=dram", "memory.overlap=tiles", "memory.ports=shared"},
			{"memory.kind=flat", "memory.overlap=tiles", "mapping.objective=edp", "buffers.inputs.bytes=1200", "energy.logic_leakage_mw=20000"},
			{"memory.kind=flat", "memory.overlap=tiles", "mapping.objective=energy", "buffers.weights.bytes=640", "buffers.layer_reuse=true"},
			{"memory.kind=flat", "memory.overlap=max", "buffers.outputs.bytes=2048"},
		} {
			eachTurn(t, base, kind, w)
		}
	}
}

func eachTurn(t *testing.T, base *arch.Base, kind []string, w *workload.Workload) {
	acc, err := base.With(kind...)
	if err != nil {
		return
	}
	e, err := NewEvaluator(acc, w)
	if err != nil {
		return
	}
	plain, err := unremembered(acc, w)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range turnKeys {
		for _, value := range turns[key] {
			set := append(slices.Clone(kind), key+"="+value)
			turned, err := base.With(set...)
			if err != nil {
				continue
			}
			want, err := unremembered(turned, w)
			if err != nil || e.SetMachine(turned) != nil {
				continue
			}
			if got, _ := e.Result(); !cmp.Equal(got, want, cmp.AllowUnexported(Layer{}, Shape{}, Mapping{})) {
				t.Errorf("%s, %v: %s", acc.Name, set, cmp.Diff(want, got, cmp.AllowUnexported(Layer{}, Shape{}, Mapping{})))
			}
			if err := e.SetMachine(acc); err != nil {
				t.Fatal(err)
			}
			if got, _ := e.Result(); !cmp.Equal(got, plain, cmp.AllowUnexported(Layer{}, Shape{}, Mapping{})) {
				t.Errorf("%s after %v: %s", acc.Name, set, cmp.Diff(plain, got, cmp.AllowUnexported(Layer{}, Shape{}, Mapping{})))
			}
		}
	}
}

// Every key that is named in the dependences exists.
func TestDependencesAreOfKeys(t *testing.T) {
	known := map[string]bool{}
	var walk func(t reflect.Type, prefix string)
	walk = func(t reflect.Type, prefix string) {
		for i := range t.NumField() {
			key := prefix + t.Field(i).Tag.Get("toml")
			if known[key] = true; t.Field(i).Type.Kind() == reflect.Struct {
				walk(t.Field(i).Type, key+".")
			}
		}
	}
	walk(reflect.TypeFor[arch.Accelerator](), "")
	for key := range dependence {
		if !known[key] {
			t.Errorf("no key %q", key)
		}
	}
}

// A sweep over what does not matter to a machine's cycles builds no array and no schedule,
// and one over the bandwidth keeps the schedules.
func TestWhatIsLookedUp(t *testing.T) {
	w := resnet18(8, 8)
	for _, c := range []struct {
		machine, set string
		looked       bool // without pricing any layer
		kept         bool // the schedules
	}{
		{"scalesim-32x32", "memory.bits_per_cycle=7", true, true},
		{"scalesim-32x32", "buffers.inputs.bytes=4096", true, true},
		{"scalesim-32x32", "energy.dram_pj_per_bit=3", true, true},
		{"gemmini-default", "energy.dram_pj_per_bit=3", true, true},
		{"gemmini-default", "clock_hz=2e9", true, true},
		{"gemmini-default", "memory.bits_per_cycle=7", false, true},
		{"haq-bismo-cloud", "memory.input_bits_per_cycle=100", false, true},
		{"haq-bismo-cloud", "array.rows=12", false, false},
		{"bitfusion-eyeriss-45nm", "energy.dram_pj_per_bit=3", false, true}, // its search looks at energy
	} {
		e, err := NewEvaluator(load(t, c.machine), w)
		if err != nil {
			t.Fatal(err)
		}
		epoch := e.layers.epoch
		if err := e.SetMachine(load(t, c.machine, c.set)); err != nil {
			t.Fatal(err)
		}
		if looked, kept := e.m.memory == nil, e.layers.epoch == epoch; looked != c.looked || kept != c.kept {
			t.Errorf("%s, %s: looked up %v, schedules kept %v", c.machine, c.set, looked, kept)
		}
	}
}

// What is remembered is bounded.
func TestMemoIsBounded(t *testing.T) {
	w := resnet18(8, 8)
	e, err := NewEvaluator(load(t, "scalesim-32x32"), w)
	if err != nil {
		t.Fatal(err)
	}
	base, err := arch.Open("scalesim-32x32")
	if err != nil {
		t.Fatal(err)
	}
	for rows := 1; rows <= 2*maxParts; rows++ {
		acc, err := base.With(fmt.Sprint("array.rows=", rows), "buffers.weights.bytes=1048576", "buffers.inputs.bytes=1048576")
		if err != nil {
			t.Fatal(err)
		}
		if err := e.SetMachine(acc); err != nil {
			t.Fatal(err)
		}
	}
	if len(e.parts) > maxParts || len(e.known) > maxPrices || len(e.memo.prices) > maxPrices || len(e.tasks) > maxPrices || len(e.layers.places) > places {
		t.Errorf("%d machines, %d prices, %d tasks, %d layers", len(e.parts), len(e.known), len(e.tasks), len(e.layers.places))
	}
}

// A unit that works on one frame after the other is as busy with three as with one.
func TestUtilisationOfFrames(t *testing.T) {
	w := resnet18(4, 4)
	one, err := Run(context.Background(), load(t, "finn-streaming", "batch=1"), w, Options{})
	if err != nil {
		t.Fatal(err)
	}
	three, err := Run(context.Background(), load(t, "finn-streaming", "batch=3"), w, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range one.Layers {
		if a, b := one.Layers[i].Utilisation, three.Layers[i].Utilisation; math.Abs(a-b) > 1e-12 {
			t.Errorf("%s: %v busy with a frame, %v with three", one.Layers[i].Name, a, b)
		}
	}
}
