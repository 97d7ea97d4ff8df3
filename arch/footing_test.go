package arch

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func onFooting(t *testing.T, f Footing, a *Accelerator) (*Accelerator, string) {
	t.Helper()
	on, notes, err := f.Place(a)
	if err != nil {
		t.Fatal(err)
	}
	return on, strings.Join(notes, "\n")
}

func mustLoad(t *testing.T, name string) *Accelerator {
	t.Helper()
	a, err := Load(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Every shipped machine stands on the footing: its batch, a tile pipeline or ideal
// memory, the rest as it was; standing there once more changes nothing.
func TestShippedMachinesStandOnOneFooting(t *testing.T) {
	for _, s := range List() {
		a, before := mustLoad(t, s.Name), mustLoad(t, s.Name)
		on, notes := onFooting(t, Footing{Batch: 3}, a)
		if diff := cmp.Diff(before, a); diff != "" {
			t.Errorf("%s was changed:\n%s", s.Name, diff)
		}
		want := "tiles"
		switch kept := a.MemorySystem(); kept {
		case "ideal", "decoupled", "queues": // the machine's own
			want = kept
		}
		if got := on.MemorySystem(); got != want || on.Batch != 3 {
			t.Errorf("%s stands on %s with batch %d, want %s with 3", s.Name, got, on.Batch, want)
		}
		says := strings.Contains(notes, "tile pipeline") || strings.Contains(notes, "not ranked")
		if own := want == "queues" || want == "decoupled"; says != (a.MemorySystem() != "tiles" && !own) {
			t.Errorf("%s from %s to %s: notes %q", s.Name, a.MemorySystem(), want, notes)
		}
		again, more := onFooting(t, Footing{Batch: 3}, on)
		if diff := cmp.Diff(on, again); diff != "" || want != "ideal" && more != "" {
			t.Errorf("%s placed twice: %s%s", s.Name, more, diff)
		}
		on.Batch, on.Memory, on.Sources, on.Unconfirmed = a.Batch, a.Memory, a.Sources, a.Unconfirmed
		if diff := cmp.Diff(a, on); diff != "" {
			t.Errorf("%s: more than batch and memory changed:\n%s", s.Name, diff)
		}
	}
}

// What the footing makes of the ports fitted to HAQ's table.
func TestFittedPortsBecomeOnePort(t *testing.T) {
	for _, c := range []struct {
		name string
		set  []string
		bits float64
	}{
		{"haq-bismo-cloud", nil, 768},                                       // 19.2 GB/s
		{"haq-bismo-edge", nil, 170.56},                                     // 4.264 GB/s, below three ports of 64 bits
		{"haq-bismo-edge", []string{"memory.weight_bits_per_cycle=8"}, 136}, // no more than the ports
		{"haq-bismo-cloud", []string{"memory.bits_per_cycle=256"}, 256},
	} {
		a, err := Load(c.name, c.set)
		if err != nil {
			t.Fatal(err)
		}
		on, notes := onFooting(t, Footing{Batch: 1}, a)
		if on.Memory.BitsPerCycle != c.bits || on.Memory.Ports != "shared" || on.Memory.Overlap != "tiles" {
			t.Errorf("%s %v: %+v, want one port of %v bits", c.name, c.set, on.Memory, c.bits)
		}
		if want := c.bits / 8 * a.ClockHz; on.MemoryBytesPerS() != want {
			t.Errorf("%s %v: %v bytes per second, want %v", c.name, c.set, on.MemoryBytesPerS(), want)
		}
		for _, key := range on.Unconfirmed {
			if strings.HasPrefix(key, "memory.weight") || strings.HasPrefix(key, "memory.input") || strings.HasPrefix(key, "memory.output") {
				t.Errorf("%s: %s is doubted and not used", c.name, key)
			}
		}
		if !strings.Contains(notes, "ports fitted to HAQ's table") {
			t.Errorf("%s: notes %q", c.name, notes)
		}
	}
}

// A file with split ports that says nothing of a shared one has the ports together.
func TestSharedPortOfSplitPorts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "own.toml")
	text := "engine = \"bitserial\"\n[memory]\nports = \"split\"\noverlap = \"max\"\nweight_bits_per_cycle = 100\ninput_bits_per_cycle = 20\noutput_bits_per_cycle = 3\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	on, _ := onFooting(t, Footing{Batch: 1}, mustLoad(t, file))
	if on.Memory.BitsPerCycle != 123 {
		t.Errorf("%v bits per cycle, want 123", on.Memory.BitsPerCycle)
	}
}

// The steady state keeps its port, and outputs are no longer read back.
func TestSteadyBecomesTiles(t *testing.T) {
	a := mustLoad(t, "bitfusion-eyeriss-45nm")
	on, notes := onFooting(t, Footing{Batch: 1}, a)
	if m := &on.Memory; m.Overlap != "tiles" || m.BitsPerCycle != 192 || m.ReadOutputs || m.OutBits != a.Memory.OutBits {
		t.Errorf("%+v", m)
	}
	if !strings.Contains(notes, "192 bits per cycle (12 GB/s)") || !strings.Contains(notes, "batch 1 instead of 16") {
		t.Errorf("notes %q", notes)
	}
}

func TestIdealMemoryGetsABandwidth(t *testing.T) {
	f := Footing{Batch: 1, IdealBytesPerS: 16e9}
	on, _ := onFooting(t, f, mustLoad(t, "precoder-16x512"))
	if got := on.MemoryBytesPerS(); math.Abs(got-16e9) > 1 || on.MemorySystem() != "tiles" || math.Abs(on.Memory.BitsPerCycle-102.4) > 1e-9 {
		t.Errorf("%+v moves %v bytes per second", on.Memory, got)
	}
	for _, name := range []string{"gemmini-default", "stripes-16tile"} { // these have their own
		own, _ := onFooting(t, f, mustLoad(t, name))
		without, _ := onFooting(t, Footing{Batch: 1}, mustLoad(t, name))
		if diff := cmp.Diff(without, own); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if on, notes := onFooting(t, f, mustLoad(t, "finn-streaming")); on.MemorySystem() != "ideal" || !strings.Contains(notes, "all run at a time") {
		t.Errorf("streaming stands on %s: %q", on.MemorySystem(), notes)
	}
}

func TestMemoryBytesPerS(t *testing.T) {
	for _, c := range []struct {
		name string
		want float64
	}{
		{"stripes-16tile", 25.6e9}, // DDR4-3200, 64 bits
		{"tpu-v1", (388 + 160 + 160) / 8.0 * 700e6},
		{"haq-bismo-cloud", 19.2e9},
		{"scalesim-32x32", 0},
	} {
		if got := mustLoad(t, c.name).MemoryBytesPerS(); math.Abs(got-c.want) > 1e-6*c.want {
			t.Errorf("%s: %v bytes per second, want %v", c.name, got, c.want)
		}
	}
}

func TestFootingRefuses(t *testing.T) {
	for _, c := range []struct {
		machine string
		set     []string
		footing Footing
		want    string
	}{
		{"gemmini-default", nil, Footing{Batch: 0}, "machine gemmini-default on one footing: batch = 0: must be 1 to 65536"},
		{"bitmod-28nm", []string{"buffers.weights.bytes=8"}, Footing{Batch: 1}, "buffers.weights.bytes = 8: must be 64 to"},
		{"scalesim-32x32", nil, Footing{Batch: 1, IdealBytesPerS: 1e30}, "memory.bits_per_cycle"},
	} {
		a, err := Load(c.machine, c.set)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := c.footing.Place(a); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %v: %v, want %q", c.machine, c.set, err, c.want)
		}
	}
}
