package evaluate

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/mimo"
	"bitcycle/sim"
)

// FrontEnd joins a front end's error rates and costs under one precoder or, in the
// uplink, detector.
type FrontEnd struct {
	FrontEnd *arch.FrontEnd
	// Precoder is one of [mimo.Precoders], or a detector in the uplink; the converters
	// and the modulator are the front end's.
	Precoder string
}

// FittingPrecoders names what to run on a front end when nobody says: its own job
// first, then others that its converters can send.
func FittingPrecoders(fe *arch.FrontEnd) []string {
	own, others := fe.Job.Precoder, []string{"zf", "rzf"}
	switch {
	case fe.Direction == "uplink":
		own, others = fe.Job.Detector, []string{"zf", "mrc"}
	case fe.Job.Users == 1 && fe.Modulator.Kind != "none":
		others = []string{"sd-mrt", "mrt"}
	case fe.Modulator.Kind != "none":
		others = []string{"sd-zf", "direct"}
	case fe.Converter.Bits == 1:
		others = []string{"direct", "squid", "c2po"}
	}
	list := []string{own}
	for _, name := range others {
		if name != own {
			list = append(list, name)
		}
	}
	return list
}

// Scenario is where the front end operates: users of gain 1 and random phase, new
// directions after every four groups of symbols, unit power.
func (f FrontEnd) Scenario() mimo.Scenario {
	fe := f.FrontEnd
	return mimo.Scenario{
		Array: mimo.Array(fe.Antennas.Geometry), Antennas: fe.Antennas.Count, Rows: fe.Antennas.Rows, Spacing: fe.Antennas.Spacing,
		Users: fe.Job.Users, SectorDeg: fe.Job.SectorDeg, SeparationDeg: fe.Job.SeparationDeg,
		QAM: fe.Job.QAM, Symbols: fe.Job.Symbols, Blocks: groupsPerChannel, Power: 1,
	}
}

// groupsPerChannel is the groups of symbols simulated on each channel.
const groupsPerChannel = 4

// modulated lists the precoders that feed a modulator.
var modulated = []string{"sd-zf", "sd-slp", "sd-mrt"}

// Scheme is the precoder with the front end's converters and modulator.
func (f FrontEnd) Scheme() (mimo.Scheme, error) {
	fe := f.FrontEnd
	s := mimo.Scheme{Precoder: f.Precoder, Bits: fe.Converter.Bits}
	if f.Precoder == fe.Job.Precoder {
		s.Iterations = fe.Job.Iterations
	}
	if slices.Contains(modulated, f.Precoder) {
		m := &fe.Modulator
		if m.Kind == "none" {
			return s, fmt.Errorf("precoder %s needs a modulator, which front end %s does not have", f.Precoder, fe.Name)
		}
		s.Headroom = fe.Job.Headroom
		s.Modulator = mimo.Modulator{Order: m.Order, Levels: m.Levels, Chains: m.SubChains, FracBits: m.FractionBits}
		if err := f.steer(&s); err != nil {
			return s, err
		}
	}
	return s, s.Validate()
}

// steer turns the modulator: to the user of sd-mrt, to a fixed direction otherwise.
func (f FrontEnd) steer(s *mimo.Scheme) error {
	m := &f.FrontEnd.Modulator
	switch {
	case f.Precoder == "sd-mrt":
		s.Steer = map[string]string{"steered": "user", "adaptive": "channel"}[m.Kind]
	case m.Kind == "steered":
		s.Modulator.Psi = f.psi()
	case m.Kind == "adaptive":
		return fmt.Errorf("modulator.kind = %q: adapts to one user, which precoder %s does not; want sd-mrt and job.users = 1", m.Kind, f.Precoder)
	}
	return nil
}

// psi is the steering phase an antenna of a steered modulator.
func (f FrontEnd) psi() float64 {
	return mimo.Omega(f.FrontEnd.Modulator.SteerDeg*math.Pi/180, f.FrontEnd.Antennas.Spacing)
}

// receiver is the uplink's array.
func (f FrontEnd) receiver() (*mimo.Receiver, error) {
	r := &mimo.Receiver{Converter: mimo.OneBitADC, Detector: f.Precoder}
	m := &f.FrontEnd.Modulator
	switch {
	case m.Kind == "none" && f.FrontEnd.Converter.Bits > 1:
		return nil, fmt.Errorf("converter.bits = %d: receiving arrays are simulated with one bit", f.FrontEnd.Converter.Bits)
	case m.Kind == "none":
		return r, nil
	case m.Kind == "adaptive" || m.Order > 1 || m.SubChains > 1:
		return nil, fmt.Errorf("modulator.kind = %q, order = %d, sub_chains = %d: receiving arrays are plain or steered, of first order, in one chain", m.Kind, m.Order, m.SubChains)
	case m.Kind == "steered":
		r.Psi = f.psi()
	}
	r.Converter = mimo.SigmaDelta
	return r, nil
}

// Link is what the error rate is simulated on.
func (f FrontEnd) Link(seed int64) (mimo.Link, error) {
	l := mimo.Link{Scenario: f.Scenario(), Seed: uint64(seed)}
	var err error
	if f.FrontEnd.Direction == "uplink" {
		l.Uplink, err = f.receiver()
	} else {
		l.Scheme, err = f.Scheme()
	}
	return l, errors.Join(err, l.Scenario.Validate())
}

// Cost runs the job on the front end's accelerator.
func (f FrontEnd) Cost(ctx context.Context) (*sim.FrontEndResult, error) {
	fe := *f.FrontEnd
	acc, err := fe.LoadAccelerator()
	if err != nil {
		return nil, err
	}
	work, err := f.work()
	if err != nil {
		return nil, err
	}
	if work.Chain == nil && fe.Direction == "downlink" {
		fe.Modulator.Kind = "none" // this precoder passes it by
	}
	return sim.RunFrontEnd(ctx, &fe, acc, work)
}

// Operations counts what the precoder or detector computes.
func (f FrontEnd) Operations() (mimo.Cost, error) {
	n, k := f.FrontEnd.Antennas.Count, f.FrontEnd.Job.Users
	if f.FrontEnd.Direction == "uplink" {
		r, err := f.receiver()
		if err != nil {
			return mimo.Cost{}, err
		}
		return r.Cost(n, k), nil
	}
	s, err := f.Scheme()
	if err != nil {
		return mimo.Cost{}, err
	}
	p, err := s.New()
	if err != nil {
		return mimo.Cost{}, err
	}
	return p.Cost(n, k), nil
}

// work lowers the precoder or detector.
func (f FrontEnd) work() (workload.FrontEnd, error) {
	fe := f.FrontEnd
	cost, err := f.Operations()
	if err != nil {
		return workload.FrontEnd{}, err
	}
	l := mimo.Lowering{
		Antennas: fe.Antennas.Count, Users: fe.Job.Users, Symbols: fe.Job.Symbols, Uses: fe.Signal.CoherenceUses,
		MatrixBits: fe.Words.MatrixBits, SymbolBits: fe.Words.SymbolBits, SampleBits: fe.Words.SampleBits, ComplexProducts: fe.Words.ComplexProducts,
	}
	return l.Lower(cost), nil
}

// Needed is the signal-to-noise ratio at which a curve reaches an error rate.
type Needed struct {
	SNRdB    float64    `json:"snr_db"`      // the ratio in decibels; the last one where the rate is not reached
	CI95     [2]float64 `json:"snr_ci95_db"` // where the ends of the rates' 95 % intervals cross; the ends of the curve where they do not
	Reached  bool       `json:"reached"`     // whether the rate is reached
	LeastSER float64    `json:"least_ser"`   // the lowest rate of the curve
}

// NeededSNR is where a curve in the order of its ratios falls to the target for the
// first time, interpolated in the logarithm of the rate. A curve without points reaches
// nothing.
func NeededSNR(curve []mimo.Result, target float64) Needed {
	if len(curve) == 0 {
		return Needed{LeastSER: 1}
	}
	n := Needed{LeastSER: 1, SNRdB: curve[len(curve)-1].SNRdB}
	for _, r := range curve {
		n.LeastSER = math.Min(n.LeastSER, r.SER)
	}
	n.SNRdB, n.Reached = crossing(curve, target, func(r mimo.Result) float64 { return r.SER })
	n.CI95[0], _ = crossing(curve, target, func(r mimo.Result) float64 { return r.SER95[0] })
	n.CI95[1], _ = crossing(curve, target, func(r mimo.Result) float64 { return r.SER95[1] })
	return n
}

// crossing interpolates; a rate of zero counts as half an error in all symbols.
func crossing(curve []mimo.Result, target float64, rate func(mimo.Result) float64) (float64, bool) {
	at := func(r mimo.Result) float64 { return math.Log(math.Max(rate(r), 0.5/float64(r.Tally.Symbols))) }
	goal := math.Log(target)
	for i, r := range curve {
		switch {
		case rate(r) > target:
		case i == 0 || at(r) > goal:
			return r.SNRdB, true
		default:
			hi, lo := at(curve[i-1]), at(r)
			return curve[i-1].SNRdB + (r.SNRdB-curve[i-1].SNRdB)*(hi-goal)/(hi-lo), true
		}
	}
	return curve[len(curve)-1].SNRdB, false
}
