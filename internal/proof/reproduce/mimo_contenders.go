package reproduce

import (
	"context"
	"fmt"
	"math"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/mimo"
	"bitcycle/sim"
)

// targetSER is the symbol error rate at which front ends are compared.
const targetSER = 1e-3

// contender is a scheme on the front end that it needs.
type contender struct {
	name, frontEnd, precoder string
	set                      []string
	groups                   [2]int // of symbols at most, in quick and full runs
}

// Precoders that iterate run on an array of their own.
var contenders = []contender{
	{"direct one-bit ZF", "direct-zf-256", "direct", nil, [2]int{400, 2000}},
	{"ΣΔ-ZF", "sd-zf-256", "sd-zf", nil, [2]int{400, 2000}},
	{"ΣΔ-ZF, headroom 1.5", "sd-zf-256", "sd-zf", []string{"job.headroom=1.5"}, [2]int{400, 2000}},
	{"ΣΔ-SLP", "sd-slp-256", "sd-slp", nil, [2]int{32, 256}},
	{"SQUID", "direct-zf-256", "squid", []string{"accelerator=precoder-16x16-iterative"}, [2]int{64, 400}},
	{"6-bit ZF", "zf-6bit-256", "zf", nil, [2]int{400, 2000}},
	{"10-bit ZF", "zf-10bit-256", "zf", nil, [2]int{400, 2000}},
}

// iterates tells whether the contender takes a hundred times as long as the others.
func (c contender) iterates() bool { return c.groups[0] < 400 }

// standing is a contender at the target error rate.
type standing struct {
	contender
	run    evaluate.FrontEnd
	needed evaluate.Needed
	curve  []mimo.Result
	cost   *sim.FrontEndResult
}

// frontEndFor is the contender's front end with some antennas: sub-chains of 64, two
// pipelines of the modulator, and an array of 2N columns for linear precoding, which the
// matrices of more than 256 antennas ask for a faster clock.
func (c contender) frontEndFor(antennas int) (*arch.FrontEnd, error) {
	set := []string{
		fmt.Sprintf("array.antennas=%d", antennas),
		fmt.Sprintf("modulator.units=%d", 2*antennas),
		fmt.Sprintf("modulator.sub_chains=%d", (antennas+63)/64),
	}
	clock := "1.25e9"
	if antennas > 256 {
		clock = "1.5e9"
	}
	if !c.iterates() {
		set = append(set, fmt.Sprintf(`accelerator_set=["array.cols=%d", "clock_hz=%s"]`, 2*antennas, clock))
	}
	return arch.LoadFrontEnd(c.frontEnd, append(set, c.set...))
}

// measure finds the signal-to-noise ratio that the contender needs with some antennas.
func (c contender) measure(ctx context.Context, o Options, antennas int) (standing, error) {
	s := standing{contender: c}
	fe, err := c.frontEndFor(antennas)
	if err != nil {
		return s, err
	}
	s.run = evaluate.FrontEnd{FrontEnd: fe, Precoder: c.precoder}
	effort := evaluate.Effort{Groups: c.groups[1], RelError: 0.1, Seed: o.Seed, Workers: o.Workers, Progress: o.Progress, Store: o.Store}
	if o.Quick {
		effort.Groups = c.groups[0]
	}
	s.needed, s.curve, err = s.run.Reach(ctx, targetSER, -5, 30, 2.5, effort)
	if err != nil {
		return s, err
	}
	return s.at(ctx, fe.Signal.BandwidthHz, fe.Fronthaul.Mode)
}

// measureAll measures every contender, quick runs only those that do not iterate
// unless all are asked for.
func measureAll(ctx context.Context, o Options, antennas int, all bool) ([]standing, error) {
	var list []standing
	for _, c := range contenders {
		if !all && o.Quick && c.iterates() {
			continue
		}
		s, err := c.measure(ctx, o, antennas)
		if err != nil {
			return nil, fmt.Errorf("%s, %d antennas: %w", c.name, antennas, err)
		}
		list = append(list, s)
	}
	return list, nil
}

// at prices the target at a bandwidth, with the radiated power that it needs there, and
// with samples of every antenna or the users' symbols on the fronthaul.
func (s standing) at(ctx context.Context, bandwidthHz float64, fronthaul string) (standing, error) {
	fe := *s.run.FrontEnd
	fe.Signal.BandwidthHz, fe.Fronthaul.Mode, fe.PA.RadiatedW = bandwidthHz, fronthaul, 0
	if s.needed.Reached {
		fe.PA.RadiatedW = defaultLinkBudget().radiatedW(&fe, s.needed.SNRdB)
	}
	s.run.FrontEnd = &fe
	var err error
	s.cost, err = s.run.Cost(ctx)
	return s, err
}

// perBit is the energy in J per correct bit at the target, and its interval from that of
// the signal-to-noise ratio; false if the target is not reached.
func (s *standing) perBit(model string) (joule float64, ci95 [2]float64, reached bool) {
	if !s.needed.Reached {
		return 0, ci95, false
	}
	joule = s.cost.EnergyPerBit(model, berAt(s.curve, s.needed.SNRdB))
	total, amplifiers := s.cost.Total(model), s.cost.PowerOf(model, sim.PowerPA)
	for i, snr := range s.needed.CI95 {
		ci95[i] = joule * (total + amplifiers*(mimo.FromDB(snr-s.needed.SNRdB)-1)) / total
	}
	return joule, ci95, true
}

// nano is perBit in nJ for a table; nil if the target is not reached.
func (s *standing) nano(model string) any {
	if j, _, ok := s.perBit(model); ok {
		return j * 1e9
	}
	return nil
}

// machines is how many of the accelerator would keep up together.
func (s *standing) machines() int { return int(math.Ceil(s.cost.Stages[0].Load)) }

// winner names, of the contenders that reach the target and keep the deadline with one
// machine, the one of least energy per correct bit and those within its interval; "none"
// if there are none.
func winner(list []standing, model string) (name string, joule float64) {
	var high float64
	name = "none"
	for i := range list {
		if v, ci, ok := list[i].perBit(model); ok && list[i].cost.Deadline && (name == "none" || v < joule) {
			name, joule, high = list[i].name, v, ci[1]
		}
	}
	var close []string
	for i := range list {
		if _, ci, ok := list[i].perBit(model); ok && list[i].cost.Deadline && list[i].name != name && ci[0] <= high {
			close = append(close, list[i].name)
		}
	}
	if len(close) > 0 {
		name += " (within 95 %: " + strings.Join(close, ", ") + ")"
	}
	return name, joule
}

// turns says, of settings in order, which wins where: runs of one winner are joined.
func turns(labels, winners []string) string {
	var parts []string
	for from := 0; from < len(labels); {
		to := from
		for to+1 < len(labels) && winners[to+1] == winners[from] {
			to++
		}
		where := labels[from]
		if to > from {
			where += " to " + labels[to]
		}
		parts = append(parts, winners[from]+" at "+where)
		from = to + 1
	}
	return strings.Join(parts, "; ")
}
