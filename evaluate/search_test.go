package evaluate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers"
	"bitcycle/quantizers/autoq"
	"bitcycle/sim"
)

func load(t testing.TB, name string, set ...string) *arch.Accelerator {
	t.Helper()
	m, err := arch.Load(name, set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func glyphs(t testing.TB, split string, lo, hi int) kernels.Batch {
	t.Helper()
	images := dataset.Glyphs(split, lo, hi, 1)
	norm := shipped.Normalization
	x, err := kernels.Normalize(images.Pixels, images.N, kernels.Shape{C: images.C, H: images.H, W: images.W}, norm.Mean, norm.Std)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The incremental cost of a random walk through policies is that of the quantized
// network's workload, on machines of every kind.
func TestIncrementalCostIsExact(t *testing.T) {
	net := shipped.Network()
	calib := glyphs(t, "calib", 0, 4)
	ranges, err := quantizers.Observe(net, calib)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"haq-bismo-cloud", "bitfusion-eyeriss-45nm", "gemmini-default", "finn-streaming", "stripes-16tile"} {
		machine := load(t, name)
		rng := rand.New(rand.NewPCG(1, 2))
		p := quantizers.Uniform(net, 8, 8, 0, 0)
		cost, err := newMachineCost(machine, net, ranges.Signed(), p.Layers)
		if err != nil {
			t.Fatal(err)
		}
		for range 12 {
			for range 1 + rng.IntN(3) {
				i := rng.IntN(len(p.Layers))
				l := &p.Layers[i]
				l.WeightBits = make([]uint8, net.Nodes[net.Layers()[i]].Shape.C)
				for j := range l.WeightBits {
					l.WeightBits[j] = uint8(rng.IntN(9))
				}
				if rng.IntN(2) == 0 {
					l.ActBits = uint8(1 + rng.IntN(8))
				}
				cost.SetBits(i, l.WeightBits, l.ActBits)
			}
			cycles, energy := cost.Cost()
			q, err := ranges.Quantize(context.Background(), p, calib, quantizers.Options{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			want, err := sim.Run(context.Background(), machine, q.Lower(), sim.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if e := want.Totals.Energy.Total(); cycles != want.Totals.Cycles || energy < e*(1-1e-9) || energy > e*(1+1e-9) {
				t.Fatalf("%s: incremental %d cycles %v pJ, whole %d cycles %v pJ", name, cycles, energy, want.Totals.Cycles, e)
			}
		}
	}
}

// Equal widths cost a machine the same, whether there is one for the network, for
// each layer or for each channel.
func TestUniformWidthsCostTheSameAtEveryGrain(t *testing.T) {
	net := shipped.Network()
	for _, name := range []string{"haq-bismo-cloud", "haq-bismo-edge", "bitfusion-eyeriss-45nm", "stripes-16tile"} {
		machine := load(t, name)
		for _, bits := range []uint8{2, 5, 8} {
			p := quantizers.Uniform(net, bits, bits, 0, 0)
			var cycles []int64
			for _, spread := range []bool{false, true} {
				if spread {
					for i, n := range net.Layers() {
						p.Layers[i].WeightBits = slices.Repeat([]uint8{bits}, net.Nodes[n].Shape.C)
					}
				}
				r, err := sim.Run(context.Background(), machine, kernels.LowerShape(net, p.Layers, true), sim.Options{})
				if err != nil {
					t.Fatal(err)
				}
				cycles = append(cycles, r.Totals.Cycles)
			}
			if cycles[0] != cycles[1] {
				t.Errorf("%s at %d bits: %d cycles by layer, %d by kernel", name, bits, cycles[0], cycles[1])
			}
		}
	}
}

// setup is a small search on the shipped network.
func setup(t testing.TB, machine string, images int) *autoq.Setup {
	calib := glyphs(t, "calib", 0, 32)
	x := glyphs(t, "train", 0, images)
	return &autoq.Setup{Machine: SearchMachine(load(t, machine)), Net: shipped.Network(), Calib: calib, Images: x}
}

// sensitivity of the shipped network on few images, measured once.
func sensitivity(t testing.TB) *autoq.Sensitivity {
	t.Helper()
	s, err := shippedLosses()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var shippedLosses = sync.OnceValues(func() (*autoq.Sensitivity, error) {
	s := setup(&testing.T{}, "haq-bismo-edge", 8)
	if _, err := s.Problem(context.Background(), "tile", nil); err != nil {
		return nil, err
	}
	return s.Sensitivity, nil
})

// Every algorithm keeps its budget, gives the same policy twice, and the outcome's
// cost is the machine's.
func TestAlgorithmsKeepTheBudget(t *testing.T) {
	machine := load(t, "haq-bismo-edge")
	s := setup(t, "haq-bismo-edge", 8)
	s.Sensitivity = sensitivity(t)
	for _, algorithm := range autoq.Algorithms {
		var first *autoq.Result
		for range 2 {
			p, err := s.Problem(context.Background(), algorithm, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := autoq.Run(context.Background(), p, autoq.Options{
				Algorithm: algorithm, Budget: 0.35, Seed: 3, Moves: 8,
				Agent: autoq.AgentOptions{Episodes: 4, Warmup: 2, Hidden: 16, Batch: 16, Updates: 4},
			})
			if err != nil {
				t.Fatalf("%s: %v", algorithm, err)
			}
			if r.Latency > 0.35 {
				t.Errorf("%s: latency %v over budget", algorithm, r.Latency)
			}
			if first == nil {
				first = r
			} else if first.Policy.Key() != r.Policy.Key() || first.Accuracy != r.Accuracy {
				t.Errorf("%s: two searches differ", algorithm)
			}
		}
		w := kernels.LowerShape(s.Net, first.Policy.Named("", s.Layers(algorithm)).Layers, s.Ranges.Signed())
		cost, err := sim.Run(context.Background(), machine, w, sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if cost.Totals.Cycles != first.Cycles {
			t.Errorf("%s: %d cycles, the machine takes %d", algorithm, first.Cycles, cost.Totals.Cycles)
		}
	}
}

// A search that resumes from its checkpoint ends where it would have ended, and
// measures nothing that was measured.
func TestResume(t *testing.T) {
	calib := glyphs(t, "calib", 0, 16)
	file := filepath.Join(t.TempDir(), "search.json")
	run := func(ctx context.Context, path string, progress func(autoq.Progress)) *autoq.Method {
		m, err := autoq.Parse("autoq:algo=autoq", "algo=autoq,budget=0.4,episodes=8,hidden=16,updates=4", 5)
		if err != nil {
			t.Fatal(err)
		}
		m.Machine, m.Checkpoint, m.Progress = SearchMachine(load(t, "haq-bismo-edge")), path, progress
		if _, err := m.Quantize(ctx, shipped.Network(), calib, nil); err != nil {
			t.Fatal(err)
		}
		return m
	}
	whole := run(context.Background(), "", nil)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	part := run(ctx, file, func(p autoq.Progress) {
		if p.Done == 5 {
			cancel()
		}
	})
	if len(part.Result.Rewards) != 5 {
		t.Fatalf("interrupted after %d episodes, want 5", len(part.Result.Rewards))
	}
	rest := run(context.Background(), file, nil)
	if rest.Result.Policy.Key() != whole.Result.Policy.Key() {
		t.Error("the resumed search found another policy")
	}
	if got := rest.Result.Measured; got > 3 {
		t.Errorf("the resumed search measured %d policies, want at most 3", got)
	}
	if err := os.WriteFile(file, []byte(`{"method":"autoq:algo=haq"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	m, _ := autoq.Parse("autoq:algo=autoq", "algo=autoq", 5)
	m.Machine, m.Checkpoint = SearchMachine(load(t, "haq-bismo-edge")), file
	if _, err := m.Quantize(context.Background(), shipped.Network(), calib, nil); err == nil {
		t.Error("another search's checkpoint is accepted")
	}
}

func ExampleSearchMachine() {
	machine, err := arch.Load("haq-bismo-cloud", nil)
	if err != nil {
		panic(err)
	}
	m, err := autoq.Parse("autoq:algo=tile,budget=0.25", "algo=tile,budget=0.25", 1)
	if err != nil {
		panic(err)
	}
	m.Machine = SearchMachine(machine)
	fmt.Println(m.Machine.Name(), m.Name(), m.Options.Algorithm, m.Options.Budget, m.Metric)
	// Output: haq-bismo-cloud autoq:algo=tile,budget=0.25 tile 0.25 cycles
}
