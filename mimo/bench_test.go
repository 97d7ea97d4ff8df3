package mimo

import (
	"fmt"
	"testing"
)

// bench prepares a precoder on a channel of the default scenario.
func bench(b *testing.B, scheme Scheme, n, symbols int) (*worker, *Channel) {
	l := Link{Scenario: DefaultScenario(), Scheme: scheme, SNRdB: 10, Seed: 1}
	l.Scenario.Antennas, l.Scenario.Symbols = n, symbols
	w, err := newWorker(l)
	if err != nil {
		b.Fatal(err)
	}
	ch := l.Scenario.Draw(Stream(1, 0, 0))
	if err := w.prepare(ch); err != nil {
		b.Fatal(err)
	}
	w.qam.Random(&w.s, Stream(1, 0, 1))
	return w, ch
}

// BenchmarkPrecode measures 20-symbol blocks of N = 256, K = 8. An independent prototype in
// numpy takes 1.2 ms for sd-zf, 600 ms for the 480 iterations of sd-slp and 200 ms for
// squid; goals are a tenth of the first and a fifth of the others. One core of an AMD EPYC
// (Zen 4, AVX-512) takes .033, 27 and 11 ms: 36, 22 and 19 times as fast.
func BenchmarkPrecode(b *testing.B) {
	for _, name := range Precoders() {
		if name == "sd-mrt" {
			continue
		}
		b.Run(name, func(b *testing.B) {
			w, _ := bench(b, Scheme{Precoder: name}, 256, 20)
			b.ReportAllocs()
			for b.Loop() {
				w.precoder.Precode(&w.tx, &w.s)
			}
		})
	}
}

// BenchmarkLink measures Sigma-Delta zero forcing end to end: symbols, precoding,
// modulation, channel, noise, decisions. The prototype's 1.2 ms for 20 vectors without channel
// and decisions are 17 000 vectors/s; the same core makes 380 000 of 20, and 650 000 or
// 5.2 million symbols/s of 100.
func BenchmarkLink(b *testing.B) {
	for _, symbols := range []int{20, 100} {
		b.Run(fmt.Sprint(symbols), func(b *testing.B) {
			w, ch := bench(b, Scheme{Precoder: "sd-zf"}, 256, symbols)
			r := Stream(1, 0, 2)
			var t Tally
			b.ReportAllocs()
			for b.Loop() {
				w.block(&t, ch, r)
			}
			b.ReportMetric(float64(b.N*symbols)/b.Elapsed().Seconds(), "vectors/s")
		})
	}
}

// BenchmarkCoherenceBlock adds the channel and the precoder's matrix.
func BenchmarkCoherenceBlock(b *testing.B) {
	w, _ := bench(b, Scheme{Precoder: "sd-zf"}, 256, 100)
	b.ReportAllocs()
	for i := range b.N {
		if _, err := w.channel(uint64(i)); err != nil {
			b.Fatal(err)
		}
	}
}
