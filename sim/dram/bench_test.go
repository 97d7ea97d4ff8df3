package dram

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkAccess(b *testing.B) {
	for _, c := range []struct {
		name string
		opt  Options
		addr func(i uint64) uint64
	}{
		{"stream", Options{}, func(i uint64) uint64 { return i * 64 }},
		{"stream-one-group", Options{Mapping: "ro ba bg co"}, func(i uint64) uint64 { return i * 64 }},
		{"stream-reorder", Options{Mapping: "ro ba bg co", Reorder: true}, func(i uint64) uint64 { return i * 64 }},
		{"random", Options{}, scattered()},
	} {
		b.Run(c.name, func(b *testing.B) {
			ch, err := New(presets["ddr4-2400"], c.opt)
			if err != nil {
				b.Fatal(err)
			}
			i := uint64(0)
			for b.Loop() {
				ch.Access(c.addr(i), false, 0)
				i++
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "bursts/s")
		})
	}
}

func BenchmarkStream(b *testing.B) {
	ch, err := New(presets["ddr4-2400"], Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ch.Stream(0, 1<<20, false, 0)
	}
	b.ReportMetric(float64(b.N)*(1<<14)/b.Elapsed().Seconds(), "bursts/s")
}

func scattered() func(i uint64) uint64 {
	rng := rand.New(rand.NewPCG(1, 2))
	addrs := make([]uint64, 1<<16)
	for i := range addrs {
		addrs[i] = rng.Uint64N(1<<24) * 64
	}
	return func(i uint64) uint64 { return addrs[i&(1<<16-1)] }
}
