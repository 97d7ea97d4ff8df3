package evaluate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bitcycle/arch"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers"
	"bitcycle/quantizers/multipoint"
	"bitcycle/quantizers/uniform"
	"bitcycle/sim"
)

// defaults are the machines that a comparison takes.
var defaults = []string{"haq-bismo-cloud", "bitfusion-eyeriss-45nm", "gemmini-default"}

func machine(t *testing.T, name string, set ...string) *arch.Accelerator {
	t.Helper()
	m, err := arch.Load(name, set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// comparison is a small one of the shipped network.
func comparison(t *testing.T, footing *arch.Footing, machines []*arch.Accelerator, methods ...MethodFor) Comparison {
	t.Helper()
	images, err := dataset.Load("glyphs[:8]")
	if err != nil {
		t.Fatal(err)
	}
	return Comparison{Network: shipped.File(), Machines: machines, Footing: footing, Methods: methods, Data: images, Calib: images, Workers: 1}
}

func run(t *testing.T, c Comparison) []Entry {
	t.Helper()
	plan, err := c.Plan()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := plan.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func uniformly(w, a int) MethodFor {
	spec := fmt.Sprintf("w=%d,a=%d", w, a)
	return func(*arch.Accelerator) (quantizers.Method, error) { return uniform.Parse("uniform:"+spec, spec) }
}

// ranking lists entries from the least latency per image on, then by energy.
func ranking(entries []Entry) (order []string) {
	for _, of := range []func(*Entry) float64{(*Entry).LatencyPerImageS, (*Entry).EnergyPerImagePJ} {
		sorted := slices.Clone(entries)
		slices.SortStableFunc(sorted, func(a, b Entry) int {
			if of(&a) < of(&b) {
				return -1
			}
			return 1
		})
		for _, e := range sorted {
			order = append(order, e.Machine+" "+e.Method)
		}
	}
	return order
}

// The batch that a file names does not reach a comparison: permuted among the
// machines it changes neither the order nor a cost.
func TestOrderDoesNotHangOnPresetBatches(t *testing.T) {
	batches := []int{16, 16, 1}
	var want []Entry
	for turn := range 3 {
		var machines []*arch.Accelerator
		for i, name := range defaults {
			machines = append(machines, machine(t, name, fmt.Sprintf("batch=%d", batches[(i+turn)%3])))
		}
		got := run(t, comparison(t, &arch.Footing{Batch: 2}, machines, uniformly(4, 4), uniformly(8, 8)))
		for _, e := range got {
			if e.Cost.Batch != 2 || e.Memory != "tiles" && e.Memory != "decoupled" {
				t.Errorf("%s stands on batch %d and %s", e.Machine, e.Cost.Batch, e.Memory)
			}
		}
		if turn == 0 {
			want = got
			continue
		}
		if diff := cmp.Diff(ranking(want), ranking(got)); diff != "" {
			t.Errorf("order moved with batches %v turned by %d:\n%s", batches, turn, diff)
		}
		for i := range got {
			if got[i].Cost.Totals.Cycles != want[i].Cost.Totals.Cycles || got[i].EnergyPerImagePJ() != want[i].EnergyPerImagePJ() {
				t.Errorf("%s costs %d cycles, %d before", got[i].Machine, got[i].Cost.Totals.Cycles, want[i].Cost.Totals.Cycles)
			}
		}
	}
}

// As published, every machine costs what run says.
func TestAsPublishedIsWhatRunSays(t *testing.T) {
	var machines []*arch.Accelerator
	for _, name := range append(slices.Clone(defaults), "finn-streaming", "eyeriss-v1-65nm") {
		machines = append(machines, machine(t, name))
	}
	c := comparison(t, nil, machines, uniformly(4, 4))
	for i, e := range run(t, c) {
		method, err := uniformly(4, 4)(nil)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Run(context.Background(), Job{Machine: machines[i], Network: c.Network, Method: method, Calib: c.Calib, Data: c.Data, Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		want, got := out.Cost, e.Cost
		if got.Batch != machines[i].Batch || got.Totals.Cycles != want.Totals.Cycles || got.Totals.Energy != want.Totals.Energy || e.Accuracy != out.Accuracy {
			t.Errorf("%s: %d cycles for %d images, run says %d for %d", e.Machine, got.Totals.Cycles, got.Batch, want.Totals.Cycles, want.Batch)
		}
	}
}

// A batch on units that stream takes the first frame through all units and then one
// turn of the slowest for every other frame; per image it is that over the batch.
func TestStreamingBatchIsDefined(t *testing.T) {
	at := func(batch int) *Entry {
		return &run(t, comparison(t, &arch.Footing{Batch: batch}, []*arch.Accelerator{machine(t, "finn-streaming")}, uniformly(4, 4)))[0]
	}
	one, four := at(1), at(4)
	var slowest int64
	for _, l := range one.Cost.Layers {
		slowest = max(slowest, l.Cycles)
	}
	if want := one.Cost.Totals.Cycles + 3*slowest; four.Cost.Totals.Cycles != want {
		t.Errorf("%d cycles for 4 frames, want %d", four.Cost.Totals.Cycles, want)
	}
	if got, want := four.LatencyPerImageS(), four.Cost.Totals.LatencyS/4; got != want || got >= one.LatencyPerImageS() {
		t.Errorf("%v s per image of 4, %v of 1", got, one.LatencyPerImageS())
	}
}

// counted counts how often it quantizes; aware ones are made for one machine.
type counted struct {
	quantizers.Method
	name  string
	aware bool
	runs  *int
}

func (c counted) Name() string         { return c.name }
func (c counted) LooksAtMachine() bool { return c.aware }
func (c counted) Quantize(ctx context.Context, net *kernels.Network, calib kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error) {
	*c.runs++
	return c.Method.Quantize(ctx, net, calib, progress)
}

// A method that looks at the machine runs for every machine, as it is charged;
// others run once.
func TestMethodsThatLookAtTheMachineRunForEach(t *testing.T) {
	for _, aware := range []bool{false, true} {
		runs, made := 0, []string{}
		method := func(m *arch.Accelerator) (quantizers.Method, error) {
			made = append(made, fmt.Sprintf("%s, batch %d, %s", m.Name, m.Batch, m.MemorySystem()))
			inner, err := uniform.Parse("uniform:w=4", "w=4")
			return counted{inner, "counted", aware, &runs}, err
		}
		c := comparison(t, &arch.Footing{Batch: 1}, []*arch.Accelerator{machine(t, defaults[0]), machine(t, defaults[1])}, method)
		entries := run(t, c)
		want := []string{"haq-bismo-cloud, batch 1, tiles"}
		if aware {
			want = append(want, "bitfusion-eyeriss-45nm, batch 1, tiles")
		}
		if diff := cmp.Diff(want, made); diff != "" || runs != len(want) || len(entries) != 2 {
			t.Errorf("aware %v: ran %d times, %d entries, made for:\n%s", aware, runs, len(entries), diff)
		}
		for _, e := range entries {
			if e.PerMachine != aware {
				t.Errorf("aware %v: entry of %s says %v", aware, e.Machine, e.PerMachine)
			}
		}
	}
}

// Multipoint looks at the machine when it chooses by cost, and only then.
func TestMultipointLooksAtTheMachineForSNR(t *testing.T) {
	for args, want := range map[string]bool{"snr=20": true, "w=3,a=8": false} {
		m, err := multipoint.Parse("multipoint:"+args, args, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := quantizers.LooksAtMachine(m); got != want {
			t.Errorf("multipoint:%s looks at the machine: %v", args, got)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	good := []*arch.Accelerator{machine(t, "gemmini-default")}
	bad := func(*arch.Accelerator) (quantizers.Method, error) { return uniform.Parse("uniform:w=99", "w=99") }
	for _, c := range []struct {
		of   Comparison
		want string
	}{
		{comparison(t, nil, nil, uniformly(4, 4)), "needs a machine and a method"},
		{comparison(t, nil, good), "needs a machine and a method"},
		{Comparison{Machines: good, Methods: []MethodFor{uniformly(4, 4)}}, "needs a network"},
		{comparison(t, nil, good, uniformly(4, 4), bad), "w = 99"},
		{comparison(t, &arch.Footing{}, good, uniformly(4, 4)), "batch = 0"},
	} {
		if _, err := c.of.Plan(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}

// The best is the best of all ranked rows, equal ones alike, per image.
func TestBestOf(t *testing.T) {
	entry := func(memory string, batch int, latency, energy, top1 float64) Entry {
		return Entry{Memory: memory, Accuracy: Accuracy{Top1: top1, Images: 1}, Cost: &sim.Result{Batch: batch, Totals: sim.Layer{LatencyS: latency, Energy: sim.Energy{MAC: energy}}}}
	}
	got := BestOf([]Entry{
		entry("tiles", 1, 2, 9, 0.5),
		entry("tiles", 4, 8, 12, 0.6), // 2 s and 3 pJ per image
		entry("ideal", 1, 1, 1, 0.9),
		entry("caches", 1, 3, 3, 0.6),
	})
	want := []Best{{Latency: true}, {Latency: true, Energy: true, Top1: true}, {}, {Energy: true, Top1: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A workload is charged as it is: the cost of a plain run on the same footing, and
// no figure of error.
func TestWorkloadsAreCompared(t *testing.T) {
	net := shipped.File().Net
	w := kernels.LowerShape(net, quantizers.Uniform(net, 4, 4, 8, 8).Layers, true)
	var machines []*arch.Accelerator
	for _, name := range defaults {
		machines = append(machines, machine(t, name))
	}
	footing := &arch.Footing{Batch: 2}
	entries := run(t, Comparison{Machines: machines, Footing: footing, Workloads: []Fixed{{"own widths", w}}})
	if len(entries) != len(machines) {
		t.Fatalf("%d entries", len(entries))
	}
	for i, best := range BestOf(entries) {
		e := &entries[i]
		placed, _, err := footing.Place(machines[i])
		if err != nil {
			t.Fatal(err)
		}
		want, err := sim.Run(context.Background(), placed, w, sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if e.Cost.Totals.Cycles != want.Totals.Cycles || e.Measured() || best.Top1 || e.Method != "own widths" || e.WeightBytes != WeightBytes(w) {
			t.Errorf("%s: %d cycles, want %d; %+v", e.Machine, e.Cost.Totals.Cycles, want.Totals.Cycles, best)
		}
	}
}
