package evaluate

import (
	"context"
	"math"
	"testing"

	"bitcycle/arch"
	"bitcycle/mimo"
)

// Every shipped front end runs every precoder that fits it, its own in time unless it
// iterates.
func TestShippedFrontEndsRun(t *testing.T) {
	for _, shipped := range arch.ListFrontEnds() {
		fe, err := arch.LoadFrontEnd(shipped.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range FittingPrecoders(fe) {
			f := FrontEnd{fe, name}
			if _, err := f.Link(1); err != nil {
				t.Errorf("%s, %s: %v", fe.Name, name, err)
				continue
			}
			r, err := f.Cost(context.Background())
			if err != nil {
				t.Errorf("%s, %s: %v", fe.Name, name, err)
				continue
			}
			if ops, err := f.Operations(); err != nil || name == FittingPrecoders(fe)[0] && !r.Deadline && ops.Iterations == 0 {
				t.Errorf("%s is too slow for its own job: load %.3g at the %s (%v)", fe.Name, 1-r.Slack, r.Bottleneck, err)
			}
			t.Logf("%s %s: latency %.3g µs, slack %.3g at %s (matrix %.3g, vectors %.3g of %.3g µs; stalled %s %+v), precoder %.3g W modulator %.3g W scaling %.3g W fom %.4g W", fe.Name, name, r.LatencyS*1e6, r.Slack, r.Bottleneck,
				r.MatrixS*1e6, r.VectorsS*1e6, r.BlockS*1e6, r.Stalled, r.Stalls, r.PowerOf("fom", "precoder"), r.PowerOf("fom", "modulator"), r.PowerOf("fom", "scaling"), r.Total("fom"))
		}
	}
}

// What a front end charges for is what is simulated: a steered modulator has its null at
// the angle asked for, and what cannot be simulated is not priced either.
func TestModulatorsAreSimulatedAsCharged(t *testing.T) {
	load := func(name string, set ...string) *arch.FrontEnd {
		fe, err := arch.LoadFrontEnd(name, set)
		if err != nil {
			t.Fatal(err)
		}
		return fe
	}
	steered := FrontEnd{load("sd-zf-256", `modulator.kind="steered"`, "modulator.steer_deg=20", "modulator.sub_chains=1"), "sd-zf"}
	angles := []float64{0, 20}
	noise, err := steered.Spectrum(1, 10, angles)
	if err != nil || noise[1] > noise[0]-6 {
		t.Errorf("noise %v dB at %v° of a modulator steered to 20° (%v)", noise, angles, err)
	}
	for _, f := range []FrontEnd{
		{load("sd-zf-256", `modulator.kind="adaptive"`), "sd-zf"},
		{load("sd-uplink-128", `modulator.kind="adaptive"`), "zf"},
		{load("sd-uplink-128", "modulator.sub_chains=4"), "zf"},
		{load("sd-uplink-128", `modulator.kind="none"`, "converter.bits=3"), "zf"},
		{load("direct-zf-256"), "sd-zf"},
	} {
		if _, err := f.Link(1); err == nil {
			t.Errorf("%s with %+v is simulated", f.Precoder, f.FrontEnd.Modulator)
		}
		if _, err := f.Cost(context.Background()); err == nil {
			t.Errorf("%s with %+v is priced", f.Precoder, f.FrontEnd.Modulator)
		}
	}
}

func TestNeededSNR(t *testing.T) {
	point := func(snr, ser float64) mimo.Result {
		return mimo.Result{SNRdB: snr, SER: ser, SER95: [2]float64{ser / 2, 2 * ser}, Tally: mimo.Tally{Errors: mimo.Errors{Symbols: 10000}}}
	}
	n := NeededSNR([]mimo.Result{point(0, 1e-1), point(5, 1e-2), point(10, 1e-4)}, 1e-3)
	if !n.Reached || math.Abs(n.SNRdB-7.5) > 1e-9 || n.CI95[0] >= 7.5 || n.CI95[1] <= 7.5 {
		t.Errorf("%+v, want 7.5 dB", n)
	}
	if n := NeededSNR([]mimo.Result{point(0, 0.2), point(30, 0.1)}, 1e-3); n.Reached || n.LeastSER != 0.1 {
		t.Errorf("%+v of a floor", n)
	}
}
