package sim

import (
	"context"
	"errors"
	"fmt"
	"math"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/chip"
)

// Stage is a part of the path that a symbol vector takes.
type Stage struct {
	Name     string  `json:"name"`      // accelerator, modulator or fronthaul
	LatencyS float64 `json:"latency_s"` // seconds of a group (accelerator) or a vector (others) through it
	SymbolS  float64 `json:"symbol_s"`  // seconds that it is busy for each vector in the long run
	Load     float64 `json:"load"`      // symbol_s over the interval between vectors: above 1 the stage falls behind
}

// FrontEndResult is what a job costs on a front end.
type FrontEndResult struct {
	FrontEnd string `json:"frontend"` // name
	Machine  string `json:"machine"`  // that precodes

	SymbolHz float64 `json:"symbol_hz"` // vectors per second
	BitHz    float64 `json:"bit_hz"`    // sent to or by all users, right or wrong

	Stages   []Stage `json:"stages"`    // the accelerator, the modulator and the fronthaul
	MatrixS  float64 `json:"matrix_s"`  // the accelerator's time for the matrix of a coherence block
	VectorsS float64 `json:"vectors_s"` // the accelerator's time for the vectors of a coherence block
	BlockS   float64 `json:"block_s"`   // that a coherence block lasts
	// From the first symbol of a group until its last sample has left: collecting the
	// group, precoding, modulating, sending.
	LatencyS   float64 `json:"latency_s"`
	Deadline   bool    `json:"deadline"`   // every stage keeps up with the symbols
	Slack      float64 `json:"slack"`      // share of the symbol interval that the slowest stage leaves, negative if it falls behind
	Bottleneck string  `json:"bottleneck"` // the slowest stage
	Stalls     Stalls  `json:"-"`          // the accelerator's cycles for a coherence block by cause
	Stalled    string  `json:"stalled"`    // the largest cause other than computing

	BlockPJ float64                `json:"block_pj"` // the accelerator's energy for a coherence block
	Power   map[string][]Component `json:"power_w"`  // by component, by model of the converters
	Model   string                 `json:"model"`    // of the totals that the front end's file asks for

	Assumptions []string `json:"-"`
}

// Component is a consumer of power.
type Component struct {
	Name string  `json:"name"` // what consumes
	W    float64 `json:"w"`    // watts
}

// Total is the power in W under a model of the converters.
func (r *FrontEndResult) Total(model string) float64 {
	var sum float64
	for _, c := range r.Power[model] {
		sum += c.W
	}
	return sum
}

// PowerOf is the power in W of one component under a model of the converters.
func (r *FrontEndResult) PowerOf(model, name string) float64 {
	for _, c := range r.Power[model] {
		if c.Name == name {
			return c.W
		}
	}
	return 0
}

// EnergyPerBit is the energy in J for each bit that arrives correctly at a bit error
// rate, P/(bits per second·(1 − BER)).
func (r *FrontEndResult) EnergyPerBit(model string, ber float64) float64 {
	return r.Total(model) / (r.BitHz * (1 - ber))
}

// RunFrontEnd runs a job on a front end whose digital part computes on acc. Times and
// energies of the products are those of [Run], the recursion takes the time of a
// chain op on the modulator's units, converters and chains draw their power all the
// time. In the long run an array with shadow weights does not wait to fill: products
// of other groups and coherence blocks are independent and follow each other closely.
//
// See docs/machine-model.md, section 12.
func RunFrontEnd(ctx context.Context, fe *arch.FrontEnd, acc *arch.Accelerator, job workload.FrontEnd) (*FrontEndResult, error) {
	if job.GroupSymbols < 1 || len(job.Group) == 0 || len(job.Vectors) == 0 {
		return nil, errors.New("the front end has no vectors to compute")
	}
	digital := *acc
	digital.Batch = 1
	var run [3]passCost
	for i, passes := range [][]workload.Pass{job.Matrix, job.Vectors, job.Group} {
		var err error
		if run[i], err = runPasses(ctx, &digital, passes); err != nil {
			return nil, fmt.Errorf("front end %s on %s: %w", fe.Name, acc.Name, err)
		}
	}
	matrix, vectors, group := run[0], run[1], run[2]
	uses := float64(fe.Signal.CoherenceUses)
	r := &FrontEndResult{
		FrontEnd: fe.Name, Machine: acc.Name, Model: fe.Converter.Model,
		SymbolHz: fe.Signal.BandwidthHz,
		BitHz:    fe.Signal.BandwidthHz * float64(fe.Job.Users) * math.Log2(float64(fe.Job.QAM)),
		MatrixS:  matrix.seconds, VectorsS: vectors.seconds, BlockS: uses / fe.Signal.BandwidthHz,
		Stalls: matrix.stalls, BlockPJ: matrix.pJ + vectors.pJ,
	}
	r.Stalls.Add(vectors.stalls)
	r.Stalled = r.Stalls.Largest()
	busy := matrix.seconds + vectors.seconds
	if acc.Array.ShadowWeights {
		busy *= 1 - r.fillShare() // the next product enters while the last one leaves
	}
	r.Stages = []Stage{
		{Name: "accelerator", LatencyS: group.seconds, SymbolS: busy / uses},
		modulatorStage(fe, job.Chain),
		fronthaulStage(fe),
	}
	r.judge(job.GroupSymbols)
	r.charge(fe, job.SampleOps)
	r.assume(fe, job, acc.Memory.Kind == "ideal", acc.Array.ShadowWeights, vectors.assumptions)
	return r, nil
}

// passCost is what passes take on the accelerator.
type passCost struct {
	seconds, pJ float64
	stalls      Stalls
	assumptions []string
}

func runPasses(ctx context.Context, acc *arch.Accelerator, passes []workload.Pass) (passCost, error) {
	var sum passCost
	for _, p := range passes {
		res, err := Run(ctx, acc, p.Workload, Options{})
		if err != nil {
			return sum, err
		}
		sum.seconds += p.Count * res.Totals.LatencyS
		energy := res.Totals.Energy
		if acc.Memory.Kind == "ideal" {
			energy.DRAM = 0 // symbols stream in and samples out
		}
		sum.pJ += p.Count * energy.Total()
		sum.stalls.Add(res.Totals.Stalls.Scaled(p.Count))
		sum.assumptions = res.Assumptions
	}
	return sum, nil
}

// modulatorStage is the recursion on the modulator's units at its clock.
func modulatorStage(fe *arch.FrontEnd, chain *workload.Op) Stage {
	s := Stage{Name: "modulator"}
	if chain == nil {
		return s
	}
	m := &fe.Modulator
	s.LatencyS = float64(chip.Chain(chain.Recursion, 1, m.Units, m.CyclesPerStage)) / m.ClockHz
	_, interval := m.Latency(chain.Recursion.Length)
	s.SymbolS = interval * fe.Signal.Oversampling / m.ClockHz
	return s
}

// fronthaulStage is the link to the antennas; one without a stated limit takes no time.
func fronthaulStage(fe *arch.FrontEnd) Stage {
	s := Stage{Name: "fronthaul"}
	if limit := fe.Fronthaul.RateGbps * 1e9; limit > 0 {
		s.SymbolS = fe.FronthaulRate() / fe.Signal.BandwidthHz / limit
		s.LatencyS = s.SymbolS
	}
	return s
}

// fillShare is the share of the accelerator's time in which the array fills and drains.
func (r *FrontEndResult) fillShare() float64 {
	return float64(r.Stalls.Fill) / math.Max(1, float64(r.Stalls.Total()))
}

// judge holds the stages against the symbol interval.
func (r *FrontEndResult) judge(group int) {
	r.LatencyS = float64(group-1) / r.SymbolHz
	worst := -1.0
	for i := range r.Stages {
		s := &r.Stages[i]
		s.Load = s.SymbolS * r.SymbolHz
		r.LatencyS += s.LatencyS
		if s.Load > worst {
			worst, r.Bottleneck = s.Load, s.Name
		}
	}
	r.Slack = 1 - worst
	r.Deadline = worst <= 1
}
