package sim

import (
	"math"
	"strings"
	"testing"

	"bitcycle/arch"
)

// A cache takes for every bit what a scratchpad of its size takes: it is read for what is
// loaded and goes to memory, and written for what is stored and comes from memory.
func TestEnergyOfACache(t *testing.T) {
	run := func(set ...string) (*Result, *arch.Accelerator) {
		acc := load(t, "gemmini-default", set...)
		return mustRun(t, acc, residual()...), acc
	}
	r, acc := run()
	read, write := acc.Energy.SRAM.PJPerBit(arch.Buffer{Bytes: 512 << 10, Banks: 1, Word: 128}, arch.SRAMAccess{}, acc.TechNm)
	l := &r.Layers[0]
	flat := float64(l.DRAMRead+l.DRAMWrite) * 8 * acc.Energy.DRAM.Value
	least := 8 * (float64(l.DRAMWrite)*read + float64(l.DRAMRead)*write) // beside what is requested
	if got := l.Energy.DRAM - flat; got <= least || got > 4*least || read <= 0 {
		t.Errorf("the cache takes %g pJ beside %g of memory, want at least %g", got, flat, least)
	}
	if text := strings.Join(r.Assumptions, "\n"); !strings.Contains(text, "the cache takes 0.") || !strings.Contains(text, "(in the component DRAM)") {
		t.Error(text)
	}
	bare, _ := run("memory.cache.bytes=0")
	b := &bare.Layers[0]
	if want := float64(b.DRAMRead+b.DRAMWrite) * 8 * acc.Energy.DRAM.Value; math.Abs(b.Energy.DRAM/want-1) > 1e-12 {
		t.Errorf("without a cache %g pJ, want %g", b.Energy.DRAM, want)
	}
	tiled := load(t, "multipoint-int8-array")
	tiled.Memory.Cache.Bytes = 1 << 20
	a, c := mustRun(t, tiled, residual()...), mustRun(t, load(t, "multipoint-int8-array"), residual()...)
	if a.Totals.Energy != c.Totals.Energy {
		t.Error("a cache that no unit asks takes energy")
	}
}
