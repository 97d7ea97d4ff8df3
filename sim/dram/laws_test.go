package dram

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestStreamIsTheLoopOfBursts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		opt := Options{
			Mapping:    rapid.SampledFrom(orders).Draw(t, "order"),
			Window:     rapid.IntRange(1, 64).Draw(t, "window"),
			CtrlCycles: 2,
			Reorder:    rapid.IntRange(0, 3).Draw(t, "reorder") == 0,
		}
		spec := drawSpec(t)
		fast, err := New(spec, opt)
		if err != nil {
			t.Fatal(err)
		}
		slow, _ := New(spec, opt)
		clock := int64(0)
		for range rapid.IntRange(1, 8).Draw(t, "streams") {
			addr := rapid.Uint64Range(0, 1<<24).Draw(t, "addr")
			bytes := rapid.OneOf(rapid.Int64Range(0, 300), rapid.Int64Range(1, 300000)).Draw(t, "bytes")
			write := rapid.Bool().Draw(t, "write")
			clock += rapid.SampledFrom([]int64{0, 1, 100, 10000}).Draw(t, "wait")
			want := clock
			if bytes > 0 {
				for n := addr / uint64(spec.BurstBytes); n <= (addr+uint64(bytes)-1)/uint64(spec.BurstBytes); n++ {
					want = slow.Access(n*uint64(spec.BurstBytes), write, clock)
				}
			}
			if got := fast.Stream(addr, bytes, write, clock); got != want {
				t.Fatalf("%d bytes at %#x: done at %d, burst by burst at %d", bytes, addr, got, want)
			}
			if fast.Stats() != slow.Stats() {
				t.Fatalf("%d bytes at %#x: %+v, burst by burst %+v", bytes, addr, fast.Stats(), slow.Stats())
			}
		}
	})
}

func TestReorderKeepsTheBusLegal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		c, err := New(spec, Options{
			Mapping: rapid.SampledFrom(orders).Draw(t, "order"),
			Window:  rapid.IntRange(1, 64).Draw(t, "window"), Reorder: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		last, clock := int64(0), int64(0)
		for _, a := range drawTraffic(t, 200) {
			clock += a.Arrive
			done := c.Access(a.Addr, a.Write, clock)
			if done < last || done < clock+c.t.ctrl+min(c.t.readLatency, c.t.writeLatency) {
				t.Fatalf("done at %d after %d, arrived at %d", done, last, clock)
			}
			last = done
			for i := 1; i < len(c.columns); i++ {
				for j := range i {
					gap := c.columns[i] - c.columns[j]
					if c.columns[j] > never && (gap < c.t.ccdS || c.owners[i].group == c.owners[j].group && gap < c.t.ccdL) {
						t.Fatalf("columns %d clocks apart, groups %v and %v", gap, c.owners[j], c.owners[i])
					}
				}
			}
		}
	})
}

func TestReorderNeverSlowsAStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		opt := Options{Mapping: rapid.SampledFrom(orders).Draw(t, "order"), Window: rapid.IntRange(1, 64).Draw(t, "window")}
		bytes := rapid.Int64Range(1, 1<<19).Draw(t, "bytes")
		write := rapid.Bool().Draw(t, "write")
		ordered, _ := New(spec, opt)
		opt.Reorder = true
		reordered, _ := New(spec, opt)
		in, out := ordered.Stream(0, bytes, write, 0), reordered.Stream(0, bytes, write, 0)
		if out > in || spec.BankGroups == 1 && out != in {
			t.Fatalf("%d bytes: reordered %d clocks, in order %d", bytes, out, in)
		}
	})
}

func TestNoBandwidthAbovePeak(t *testing.T) {
	for name, spec := range presets {
		for _, reorder := range []bool{false, true} {
			c, err := New(spec, Options{Reorder: reorder})
			if err != nil {
				t.Fatal(err)
			}
			clocks := c.Stream(0, 8<<20, false, 0)
			peak := float64(spec.BurstBytes) / float64(spec.BurstClocks)
			if share := 8 << 20 / float64(clocks) / peak; share > 1 || share < 0.93 {
				t.Errorf("%s reorder %v: a long stream uses %.3f of the peak", name, reorder, share)
			}
		}
	}
}

func TestAccessAllocatesNothing(t *testing.T) {
	for _, reorder := range []bool{false, true} {
		c, _ := New(presets["ddr4-2400"], Options{Mapping: "ro ba bg co", Reorder: reorder})
		addr := uint64(0)
		if n := testing.AllocsPerRun(1000, func() {
			c.Access(addr, addr&4096 != 0, 0)
			c.Stream(addr, 4096, false, 0)
			addr += 64
		}); n != 0 {
			t.Errorf("reorder %v: %v allocations a burst", reorder, n)
		}
	}
}

func TestEnergyOfAStream(t *testing.T) {
	spec := presets["ddr4-2400"]
	c, _ := New(spec, Options{CtrlCycles: 2})
	c.Stream(0, 1<<20, false, 0)
	s, e := c.Stats(), c.Energy(0)
	want := float64(s.Act)*3450 + float64(s.Rd)*2932 + float64(s.Ref)*693e3
	if got := e.ActPre + e.Read + e.Write + e.Refresh; math.Abs(got-want) > 1e-6*want {
		t.Errorf("commands take %v pJ, want %v", got, want)
	}
	// All banks are precharged until the first activate at clock 2, and from the
	// precharge of each refresh to the next activate.
	precharged := 2 + float64(s.Ref)*float64(spec.TRP+spec.TRFC)
	low := spec.TCKNs * (precharged*326 + (float64(s.Last)-precharged)*413)
	if math.Abs(e.Background-low) > 1e-3*low {
		t.Errorf("background %v pJ, want about %v", e.Background, low)
	}
	if bit := e.Total() / (8 << 20); bit < 7 || bit > 10 {
		t.Errorf("a stream costs %.2f pJ/bit, published 8.5", bit)
	}
	idle := c.Energy(s.Last+1000).Total() - e.Total()
	if math.Abs(idle-1000*spec.TCKNs*413) > 1e-6*idle {
		t.Errorf("1000 clocks with open rows cost %v pJ", idle)
	}
	c.Reset()
	if c.Stats() != (Stats{}) || c.Energy(100).Total() != 100*spec.TCKNs*326 {
		t.Errorf("after Reset: %+v, %+v", c.Stats(), c.Energy(100))
	}
}
