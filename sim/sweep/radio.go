package sweep

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/mimo"
)

// defaultSNR is the ratio in dB at which error rates are simulated where nobody says.
const defaultSNR = "10"

// findFrontEnds loads the front ends.
func (p *Plan) findFrontEnds() (errs []error) {
	for _, name := range p.Spec.values("frontend") {
		base, err := arch.OpenFrontEnd(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		h := &hardware{front: base}
		fe, err := base.With(p.Spec.Base.Set...)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		if h.hash, err = frontEndHash(fe); err != nil {
			errs = append(errs, err)
		}
		p.hardware[name] = h
	}
	for _, precoder := range p.Spec.values("precoder") {
		if !slices.Contains(mimo.Precoders(), precoder) && !slices.Contains([]string{"mrc", "lmmse"}, precoder) {
			errs = append(errs, fmt.Errorf("precoder = %q: want one of %v, or mrc or lmmse in the uplink", precoder, mimo.Precoders()))
		}
	}
	for _, snr := range p.Spec.values("snr_db") {
		if x, err := strconv.ParseFloat(snr, 64); err != nil || !(x >= -200 && x <= 200) {
			errs = append(errs, fmt.Errorf("snr_db = %s: must be -200 to 200", snr))
		}
	}
	for i := range p.settings {
		if s := &p.settings[i]; s.method {
			errs = append(errs, fmt.Errorf("%s: no key %q of a front end: want a key of the front end, or one of %s", p.placeOf(s), s.key, keyNames()))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	return p.checkKeys(func(h *hardware, set string) error {
		_, err := h.front.With(p.over([]string{set})...)
		return err
	})
}

// frontEndHash is that of a front end and of the machine that precodes for it.
func frontEndHash(fe *arch.FrontEnd) (string, error) {
	own := *fe
	own.Accelerator, own.AcceleratorSet = "", nil
	hash, err := hashOfMachine(&own)
	if err != nil {
		return "", err
	}
	m, err := fe.LoadAccelerator()
	if err != nil {
		return "", err
	}
	machine, err := machineHash(m)
	return hash + "+" + machine, err
}

// snr is the ratio of a point in dB.
func (pt *point) snr() string {
	if s := pt.get("snr_db"); s != "" {
		return s
	}
	return defaultSNR
}

func (p *Plan) identifyRadio(pt *point) ID {
	pt.begin(p.hardware[pt.get("frontend")].hash)
	pt.line("precoder", pt.get("precoder"))
	pt.line("snr_db", pt.snr())
	pt.line("seed", strconv.FormatInt(pt.seed(), 10))
	pt.line("groups", strconv.Itoa(p.Spec.Base.Groups))
	pt.line("rel_error", strconv.FormatFloat(p.relError(), 'g', -1, 64))
	return idOf(pt.text)
}

// relError is where simulations end.
func (p *Plan) relError() float64 {
	if r := p.Spec.Base.RelError; r > 0 {
		return r
	}
	return DefaultRelError
}

// radio simulates the error rate of a front end and finds what it costs. The stream of the
// simulation hangs on the seed and the link alone, so that front ends meet the same users
// and noise, and it goes on where one of a larger error ended.
func (e *Evaluator) radio(ctx context.Context, r *Result) error {
	fe, err := e.plan.hardware[e.get("frontend")].front.With(e.plan.over(e.sets)...)
	if err != nil {
		return err
	}
	precoder := e.get("precoder")
	if precoder == "" {
		precoder = evaluate.FittingPrecoders(fe)[0]
	}
	runs, err := evaluate.PriceFrontEnds(ctx, []evaluate.FrontEnd{{FrontEnd: fe, Precoder: precoder}}, e.seed())
	if err != nil {
		return err
	}
	snr, err := strconv.ParseFloat(e.snr(), 64)
	if err != nil {
		return err
	}
	effort := evaluate.Effort{Groups: e.plan.Spec.Base.Groups, RelError: e.plan.relError(), Seed: e.seed(), Workers: 1, Store: e.plan.states}
	if effort.Groups == 0 {
		effort.Groups = evaluate.DefaultGroups(precoder)
	}
	if err := evaluate.SimulateFrontEnds(ctx, runs, []float64{snr}, effort); err != nil {
		return err
	}
	cost, rate := runs[0].Cost, runs[0].Curve[0]
	link, err := runs[0].FrontEnd.Link(e.seed())
	if err != nil {
		return err
	}
	link.SNRdB = snr
	r.State = string(mimo.StateText(effort.Stop(), mimo.State{Link: link.Fingerprint(), Tally: rate.Tally, Done: true}))
	v := &r.Values
	v[ser], v[serLo], v[serHi] = rate.SER, rate.SER95[0], rate.SER95[1]
	v[pathLatency], v[power], v[slack] = cost.LatencyS, cost.Total(cost.Model), cost.Slack
	if rate.BER < 1 {
		v[energyPerBit] = cost.EnergyPerBit(cost.Model, rate.BER)
	}
	return nil
}
