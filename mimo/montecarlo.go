package mimo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"sync/atomic"

	"bitcycle/internal/crew"
	"bitcycle/internal/stat"
)

// Link is one point of an error-rate curve. A link with an uplink receiver runs
// from the users to the array, otherwise the scheme precodes from the array to
// the users.
type Link struct {
	Scenario Scenario  `toml:"scenario" json:"scenario"`
	Scheme   Scheme    `toml:"scheme" json:"scheme"`
	Uplink   *Receiver `toml:"uplink" json:"uplink,omitempty"`
	SNRdB    float64   `toml:"snr_db" json:"snr_db"` // P/σ_v²
	Seed     uint64    `toml:"seed" json:"seed"`
}

// Stop says when a simulation has seen enough. Decisions fall only after whole
// rounds of coherence blocks, so that they do not depend on the workers.
type Stop struct {
	Channels int `toml:"channels" json:"channels"` // coherence blocks at most
	Round    int `toml:"round" json:"round"`       // coherence blocks between decisions; 0 means 8
	// RelError ends the simulation when half the 95 % interval of the symbol
	// error rate is at most this share of the rate; 0 means never.
	RelError float64 `toml:"rel_error" json:"rel_error"`
	// Floor ends it when the interval lies below; 0 means never.
	Floor float64 `toml:"floor" json:"floor"`
}

// Tally sums up coherence blocks.
type Tally struct {
	Channels int64 `json:"channels"` // coherence blocks
	Errors
	SquaredErrors int64   `json:"squared_errors"` // Σ (symbol errors of a coherence block)²
	Predicted     float64 `json:"predicted"`      // Σ of the analytical error probability over users and blocks
	Predictions   int64   `json:"predictions"`    // summands of Predicted
}

func (t *Tally) add(o Tally) {
	t.Channels += o.Channels
	t.Errors.Add(o.Errors)
	t.SquaredErrors += o.SquaredErrors
	t.Predicted += o.Predicted
	t.Predictions += o.Predictions
}

// State is a simulation between two rounds; it can be stored as JSON and resumed.
type State struct {
	Link  string `json:"link"` // fingerprint of the link
	Tally Tally  `json:"tally"`
	Done  bool   `json:"done"`
}

// Result is what the tally says.
type Result struct {
	SNRdB        float64    `json:"snr_db"`        // transmit power over receiver noise, decibels
	SER          float64    `json:"ser"`           // symbol error rate
	SER95        [2]float64 `json:"ser_ci95"`      // 95 % Wilson interval, symbols of one channel counted as dependent
	BER          float64    `json:"ber"`           // bit error rate
	BER95        [2]float64 `json:"ber_ci95"`      // as ser_ci95
	PredictedSER float64    `json:"predicted_ser"` // analytical; 0 if HasPredicted is false
	HasPredicted bool       `json:"has_predicted"` // there is a formula for this precoder
	DesignEffect float64    `json:"design_effect"` // trials that count as one independent trial
	Tally        Tally      `json:"tally"`         // counts behind the rates
}

// Options of a simulation.
type Options struct {
	Workers int // 0 means 1
	// Progress is called after every round.
	Progress func(State)
	// Store has the rounds of earlier runs and gets new ones; nil keeps none.
	Store *States
}

// Validate reports every impossible value.
func (l Link) Validate() error {
	errs := []error{l.Scenario.Validate()}
	if l.Uplink != nil {
		_, err := newArrayReceiver(*l.Uplink)
		errs = append(errs, err)
	} else {
		errs = append(errs, l.Scheme.Validate())
	}
	if math.IsNaN(l.SNRdB) || math.IsInf(l.SNRdB, 0) {
		errs = append(errs, fmt.Errorf("snr_db = %g: must be a number", l.SNRdB))
	}
	return errors.Join(errs...)
}

// Fingerprint identifies a valid link.
func (l Link) Fingerprint() string {
	text, err := json.Marshal(l)
	if err != nil {
		panic("mimo: " + err.Error())
	}
	h := fnv.New64a()
	h.Write(text)
	fmt.Fprint(h, l.Scheme.Modulator.C, l.Scheme.Modulator.Along) // not part of the JSON
	return fmt.Sprintf("%016x", h.Sum64())
}

// Simulate runs a link until stop holds, from a state that an earlier call has returned or,
// given a zero state, from what the store knows. When ctx ends it returns the last whole round with
// the context's error.
func Simulate(ctx context.Context, l Link, stop Stop, from State, o Options) (State, error) {
	if err := errors.Join(l.Validate(), stop.Validate()); err != nil {
		return from, err
	}
	if from.Link == "" {
		from = o.Store.find(l.Fingerprint(), stop)
		from.Link = l.Fingerprint()
	}
	if from.Link != l.Fingerprint() {
		return from, errors.New("the stored state belongs to another link")
	}
	workers := make([]*worker, max(1, o.Workers))
	for i := range workers {
		w, err := newWorker(l)
		if err != nil {
			return from, err
		}
		workers[i] = w
	}
	for !stop.done(from.Tally) {
		tally, err := round(ctx, workers, int(from.Tally.Channels), stop.next(from.Tally))
		if err != nil {
			return from, err
		}
		from.Tally.add(tally)
		from.Done = stop.done(from.Tally)
		if err := o.Store.keep(stop, from); err != nil {
			return from, err
		}
		if o.Progress != nil {
			o.Progress(from)
		}
	}
	from.Done = true
	return from, nil
}

// Validate reports what cannot be.
func (s Stop) Validate() error {
	if s.Channels < 1 {
		return fmt.Errorf("channels = %d: must be at least 1", s.Channels)
	}
	if s.Round < 0 || s.RelError < 0 || s.Floor < 0 {
		return errors.New("round, rel_error and floor must not be negative")
	}
	return nil
}

func (s Stop) round() int {
	if s.Round == 0 {
		return 8
	}
	return s.Round
}

// next is the first coherence block after the coming round.
func (s Stop) next(t Tally) int {
	return min(s.Channels, (int(t.Channels)/s.round()+1)*s.round())
}

// done decides at the end of a round.
func (s Stop) done(t Tally) bool {
	if int(t.Channels) >= s.Channels {
		return true
	}
	if t.Channels < 2 || int(t.Channels)%s.round() != 0 {
		return false
	}
	r := t.Result(0)
	half := (r.SER95[1] - r.SER95[0]) / 2
	return s.RelError > 0 && t.SymbolErrors > 0 && half <= s.RelError*r.SER || r.SER95[1] < s.Floor
}

// round simulates the coherence blocks [from, to) and merges them in order.
func round(ctx context.Context, workers []*worker, from, to int) (Tally, error) {
	tallies := make([]Tally, to-from)
	errs := make([]error, to-from)
	var next atomic.Int64
	var wait crew.Group
	for _, w := range workers {
		wait.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(tallies) || ctx.Err() != nil {
					return
				}
				tallies[i], errs[i] = w.channel(uint64(from + i))
			}
		})
	}
	wait.Wait()
	var sum Tally
	if err := errors.Join(append(errs, ctx.Err())...); err != nil {
		return sum, err
	}
	for _, t := range tallies {
		sum.add(t)
	}
	return sum, nil
}

// Result turns counts into rates. Symbols of one coherence block share a channel and
// are not independent: intervals use trials over the design effect, the ratio of
// the variance between coherence blocks to that of independent symbols, at least 1
// (L. Kish, "Survey Sampling", 1965, Section 5.4).
func (t Tally) Result(snrDB float64) Result {
	r := Result{SNRdB: snrDB, DesignEffect: 1, Tally: t, SER95: [2]float64{0, 1}, BER95: [2]float64{0, 1}}
	if t.Symbols == 0 {
		return r
	}
	n, c := float64(t.Symbols), float64(t.Channels)
	r.SER, r.BER = float64(t.SymbolErrors)/n, float64(t.BitErrors)/float64(t.Bits)
	if binomial := n / c * r.SER * (1 - r.SER); t.Channels > 1 && binomial > 0 {
		mean := float64(t.SymbolErrors) / c
		between := (float64(t.SquaredErrors) - c*mean*mean) / (c - 1)
		r.DesignEffect = math.Max(1, between/binomial)
	}
	trials := n / r.DesignEffect
	r.SER95[0], r.SER95[1] = stat.Wilson(r.SER*trials, trials)
	bits := float64(t.Bits) / n
	r.BER95[0], r.BER95[1] = stat.Wilson(r.BER*trials*bits, trials*bits)
	if t.Predictions > 0 {
		r.HasPredicted, r.PredictedSER = true, t.Predicted/float64(t.Predictions)
	}
	return r
}
