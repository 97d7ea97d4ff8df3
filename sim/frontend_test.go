package sim

import (
	"context"
	"math"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

func frontEnd(t *testing.T, name string, set ...string) (*arch.FrontEnd, *arch.Accelerator) {
	t.Helper()
	fe, err := arch.LoadFrontEnd(name, set)
	if err != nil {
		t.Fatal(err)
	}
	acc, err := fe.LoadAccelerator()
	if err != nil {
		t.Fatal(err)
	}
	return fe, acc
}

// matmul is one pass of complex n×k products with the given vectors.
func matmul(n, k, vectors int) []workload.Pass {
	op := workload.Op{Name: "precode", Kind: workload.MatMul, Batch: 1, Groups: 1, M: 2 * n, K: 2 * k, N: vectors, WeightBits: []uint8{12}, ActBits: 8, ActSigned: true}
	return []workload.Pass{{Workload: &workload.Workload{Name: "vectors", Ops: []workload.Op{op}}, Count: 1}}
}

func zfJob(fe *arch.FrontEnd) workload.FrontEnd {
	n, k := fe.Antennas.Count, fe.Job.Users
	block := (n + fe.Modulator.SubChains - 1) / fe.Modulator.SubChains
	return workload.FrontEnd{
		Vectors: matmul(n, k, fe.Signal.CoherenceUses), Group: matmul(n, k, 20), GroupSymbols: 20, SampleOps: 1024,
		Chain: &workload.Op{Name: "modulator", Kind: workload.Chain, Batch: 1, ActBits: 9, Recursion: workload.Recursion{Length: n, Rows: 1, Order: 1, Block: block}},
	}
}

func runFrontEnd(t *testing.T, fe *arch.FrontEnd, acc *arch.Accelerator, job workload.FrontEnd) *FrontEndResult {
	t.Helper()
	r, err := RunFrontEnd(context.Background(), fe, acc, job)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestFrontEndPowerSums(t *testing.T) {
	for _, s := range arch.ListFrontEnds() {
		fe, acc := frontEnd(t, s.Name, "rf.fixed_mw=100", "rf.shared_lo_mw=70")
		job := zfJob(fe)
		r := runFrontEnd(t, fe, acc, job)
		for _, model := range arch.ConverterModels() {
			want := fe.ConverterPower(model) + fe.RF.Power(fe.Antennas.Count) + fe.FronthaulPower() + fe.ModulatorPower() + fe.IFFTPower() +
				r.BlockPJ*1e-12/r.BlockS + 1024*fe.Digital.OpPJ.Value*1e-12*fe.Signal.BandwidthHz
			if fe.PA.RadiatedW > 0 {
				want += fe.PA.Power(fe.PA.RadiatedW)
			}
			if got := r.Total(model); math.Abs(got-want) > 1e-9*want {
				t.Errorf("%s, %s: %g W, want %g", s.Name, model, got, want)
			}
		}
		bits := fe.Signal.BandwidthHz * float64(fe.Job.Users) * math.Log2(float64(fe.Job.QAM))
		if got, want := r.EnergyPerBit("fom", 0.25), r.Total("fom")/(0.75*bits); math.Abs(got-want) > 1e-12*want {
			t.Errorf("%s: %g J per bit, want %g", s.Name, got, want)
		}
		if cycles := (r.MatrixS + r.VectorsS) * acc.ClockHz; math.Abs(cycles-float64(r.Stalls.Total())) > 2 {
			t.Errorf("%s: %g cycles by time, %d by cause", s.Name, cycles, r.Stalls.Total())
		}
	}
}

// The deadline holds exactly as long as the slowest stage keeps up.
func TestFrontEndDeadline(t *testing.T) {
	for _, c := range []struct {
		name       string
		set        []string
		holds      bool
		bottleneck string
	}{
		{"everything keeps up", nil, true, "modulator"},
		{"the fill of coherence blocks of 20", []string{"signal.coherence_uses=20", `accelerator_set=["array.shadow_weights=false"]`}, false, "accelerator"},
		{"one pipeline for 1.7 GS/s", []string{"modulator.units=256"}, false, "modulator"},
		{"one unit a sub-chain at 1 MHz", []string{"modulator.units=4", "signal.bandwidth_hz=1e6"}, true, "modulator"},
		{"fronthaul of 870 Gb/s of 870.4", []string{"fronthaul.rate_gbps=870"}, false, "fronthaul"},
		{"fronthaul of 871 Gb/s", []string{"fronthaul.rate_gbps=871"}, true, "fronthaul"},
		{"symbols faster than the clock", []string{"signal.bandwidth_hz=1.3e9", "signal.oversampling=1"}, false, "accelerator"},
	} {
		fe, acc := frontEnd(t, "sd-zf-256", c.set...)
		r := runFrontEnd(t, fe, acc, zfJob(fe))
		if r.Deadline != c.holds || r.Bottleneck != c.bottleneck || (r.Slack >= 0) != c.holds {
			t.Errorf("%s: deadline %v, slack %g at the %s", c.name, r.Deadline, r.Slack, r.Bottleneck)
		}
	}
}

// The modulator takes the time of a chain op on a machine with its units.
func TestFrontEndChainLatency(t *testing.T) {
	for _, c := range [][3]string{{"1", "256", "1"}, {"4", "512", "1"}, {"8", "8", "1"}, {"32", "256", "2"}, {"16", "4", "3"}} {
		fe, acc := frontEnd(t, "sd-zf-256", "modulator.sub_chains="+c[0], "modulator.units="+c[1], "modulator.cycles_per_stage="+c[2])
		job := zfJob(fe)
		r := runFrontEnd(t, fe, acc, job)
		units := arch.Accelerator{
			Name: "chains", Engine: arch.Systolic, Batch: 1, ClockHz: fe.Modulator.ClockHz, Array: arch.Array{Rows: 1, Cols: 1},
			Vector: arch.Vector{ChainUnits: fe.Modulator.Units, ChainCycles: fe.Modulator.CyclesPerStage},
		}
		res, err := Run(context.Background(), &units, &workload.Workload{Name: "chain", Ops: []workload.Op{*job.Chain}}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Stages[1].LatencyS; math.Abs(got-res.Totals.LatencyS) > 1e-15 {
			t.Errorf("%v: modulator takes %g s, a chain op %g s", c, got, res.Totals.LatencyS)
		}
		cycles, _ := fe.Modulator.Latency(256)
		if got := math.Round(r.Stages[1].LatencyS * fe.Modulator.ClockHz); got > float64(cycles) {
			t.Errorf("%v: %g cycles, more than the %d of sub-chains taken in turns", c, got, cycles)
		}
	}
}

func TestFrontEndWithoutVectors(t *testing.T) {
	fe, acc := frontEnd(t, "sd-zf-256")
	if _, err := RunFrontEnd(context.Background(), fe, acc, workload.FrontEnd{}); err == nil {
		t.Error("a job without vectors runs")
	}
}
