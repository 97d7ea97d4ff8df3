package mimo_test

import (
	"context"
	"fmt"
	"log"

	"bitcycle/mimo"
)

// A link: an array of 128 antennas with one-bit converters sends 16-QAM symbols to four
// users. Quantizing what zero forcing wants to send leaves errors however strong the
// signal is; a spatial Sigma-Delta modulator moves them away from the users.
func Example() {
	scenario := mimo.DefaultScenario() // λ/8 apart, users in ±30°
	scenario.Antennas, scenario.Users, scenario.QAM = 128, 4, 16
	for _, precoder := range []string{"direct", "sd-zf"} {
		link := mimo.Link{Scenario: scenario, Scheme: mimo.Scheme{Precoder: precoder}, SNRdB: 20, Seed: 1}
		state, err := mimo.Simulate(context.Background(), link, mimo.Stop{Channels: 64}, mimo.State{}, mimo.Options{})
		if err != nil {
			log.Fatal(err)
		}
		r := state.Tally.Result(link.SNRdB)
		fmt.Printf("%-6s SER %.2f in %d symbols\n", precoder, r.SER, r.Tally.Symbols)
	}
	// Output:
	// direct SER 0.10 in 20480 symbols
	// sd-zf  SER 0.00 in 20480 symbols
}

// The error rates of eight 16-QAM users of 256 one-bit antennas: quantized zero
// forcing stays above 10 %, the Sigma-Delta array falls below 1 %.
func ExampleSimulate() {
	for _, precoder := range []string{"direct", "sd-zf"} {
		link := mimo.Link{
			Scenario: mimo.DefaultScenario(),
			Scheme:   mimo.Scheme{Precoder: precoder},
			SNRdB:    20,
			Seed:     1,
		}
		state, err := mimo.Simulate(context.Background(), link, mimo.Stop{Channels: 16}, mimo.State{}, mimo.Options{Workers: 2})
		if err != nil {
			fmt.Println(err)
			return
		}
		r := state.Tally.Result(link.SNRdB)
		fmt.Printf("%-7s SER below 1%%: %v\n", precoder, r.SER < 0.01)
	}
	// Output:
	// direct  SER below 1%: false
	// sd-zf   SER below 1%: true
}

// The noise of a steered modulator vanishes in its direction but for the last
// antenna's error.
func ExampleModulator_Trace() {
	omega := mimo.Omega(0.4, 0.125)
	m := mimo.Modulator{Psi: omega}
	xbar := mimo.NewMatrix(256, 1)
	for n, a := range mimo.Steering(omega, 256) {
		xbar.Set(n, 0, complex(m.Amax(256), 0)*complex(real(a), -imag(a)))
	}
	tr := m.Trace(xbar)
	var signal, noise complex128
	for n, a := range mimo.Steering(omega, 256) {
		signal += a * xbar.At(n, 0)
		noise += a * (tr.X.At(n, 0) - xbar.At(n, 0))
	}
	fmt.Printf("wanted %.1f, error below √2: %v\n", real(signal), real(noise)*real(noise)+imag(noise)*imag(noise) <= 2)
	// Output: wanted 190.8, error below √2: true
}

// Spectral efficiencies behind three kinds of converter, of eight users and 128
// antennas at λ/8: chained one-bit converters lose less than plain ones.
func ExampleUplinkRates() {
	s := mimo.DefaultScenario()
	s.Antennas = 128
	ch := s.Draw(mimo.Stream(1, 0, 0))
	p := mimo.Params{Power: 1, NoiseVar: 1, QAM: mimo.QAM{D: 2}}
	for _, c := range []mimo.Converter{mimo.Unlimited, mimo.SigmaDelta, mimo.OneBitADC} {
		rates, err := mimo.UplinkRates(mimo.Receiver{Converter: c, Detector: "zf"}, ch, p, 1000, mimo.Stream(1, 0, 1))
		if err != nil {
			fmt.Println(err)
			return
		}
		sum := 0.0
		for _, r := range rates.Model {
			sum += r
		}
		fmt.Printf("%-11s %.1f bit/s/Hz\n", c, sum)
	}
	// Output:
	// unlimited   55.6 bit/s/Hz
	// sigma-delta 49.4 bit/s/Hz
	// one-bit     35.1 bit/s/Hz
}
