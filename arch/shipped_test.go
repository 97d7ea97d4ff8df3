package arch

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShippedMachines(t *testing.T) {
	var names []string
	for _, s := range List() {
		names = append(names, s.Name)
		if s.Description == "" || s.Kind == "" || strings.Contains(s.Description, "\n") {
			t.Errorf("%+v", s)
		}
	}
	for _, want := range []string{
		"ant-bitfusion-32x32", "bismo-pynqz1-8x256x8", "bismo-ultra96-10x256x10", "bitfusion-eyeriss-45nm", "bitfusion-stripes-45nm",
		"bitmod-28nm", "cmix-nn-stm32h7", "dadiannao-28nm", "eyeriss-v1-65nm", "finn-streaming", "gemmini-chip", "gemmini-default",
		"gemmini-large-chip", "haq-bismo-cloud", "haq-bismo-edge", "loom-16tile-1b", "multipoint-int8-array", "pulp-8bit",
		"scalesim-32x32", "scalesim-eyeriss", "scalesim-tpu", "stripes-16tile", "tpu-v1", "unpu-65nm", "xpulpnn-8core-22nm",
	} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

// peak is the number of multiply-accumulates per second at w×a bits.
func peak(a *Accelerator, w, act int) float64 {
	r := &a.Array
	cells := float64(r.Rows * r.Cols)
	switch a.Engine {
	case BitSerial:
		steps := 1.0
		if r.Serial != "activations" {
			steps *= math.Ceil(float64(w) / float64(r.SerialWeightBits))
		}
		if r.Serial != "weights" {
			steps *= math.Ceil(float64(act) / float64(r.SerialBits))
		}
		if w == 1 {
			steps /= r.OneBitSpeedup
		}
		return cells * float64(r.Dot) / steps * a.ClockHz
	case Fusion:
		if r.Pack {
			cells *= float64(r.NativeWeightBits/r.RoundWeight(w)) * float64(r.NativeActBits/r.RoundAct(act))
		}
	case SIMD:
		cells = float64(r.Cores) * r.MACsPerCycle["2"]
	case Pixels:
		cells *= float64(r.Pixels * r.Cores)
	case Streaming:
		cells = float64(r.PE * r.SIMD)
	case NE16:
		cells = 9 * 9 * 16 / float64(r.RoundWeight(w))
	}
	return cells * a.ClockHz
}

// What the published peaks say about the sizes, rates and clocks.
func TestPublishedPeaks(t *testing.T) {
	for _, c := range []struct {
		name      string
		w, a      int
		ops       float64 // per second, two per MAC
		tolerance float64
	}{
		{"bismo-pynqz1-8x256x8", 1, 1, 6553.6e9, 1e-9},
		{"bismo-ultra96-10x256x10", 1, 1, 15360e9, 1e-9},
		{"unpu-65nm", 16, 16, 345.6e9, 1e-9},
		{"unpu-65nm", 1, 16, 7372e9, 1e-3},
		{"tpu-v1", 8, 8, 92e12, 0.01},
		{"bitfusion-eyeriss-45nm", 2, 2, 2 * 512 * 16 * 500e6, 1e-9},
		{"bitfusion-eyeriss-45nm", 8, 4, 2 * 512 * 2 * 500e6, 1e-9},
		{"dadiannao-28nm", 16, 16, 2 * 4096 * 606e6, 1e-9},
		{"stripes-16tile", 16, 16, 2 * 4096 * 980e6, 1e-9},
		{"loom-16tile-1b", 16, 16, 2 * 256 * 980e6, 1e-9},
		{"bitmod-28nm", 4, 16, 2 * 32 * 32 * 4 / 2 * 1e9, 1e-9},
		{"eyeriss-v1-65nm", 16, 16, 2 * 168 * 200e6, 1e-9},
		{"gemmini-default", 8, 8, 2 * 256 * 1e9, 1e-9},
		{"xpulpnn-8core-22nm", 2, 2, 2 * 8 * 9.14 * 400e6, 1e-9},
	} {
		a, err := Load(c.name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := 2 * peak(a, c.w, c.a); math.Abs(got/c.ops-1) > c.tolerance {
			t.Errorf("%s at %d×%d bit: %g operations/s, published %g", c.name, c.w, c.a, got, c.ops)
		}
	}
}

func TestShippedBuffersFitTheirBlockRAM(t *testing.T) {
	for name, blocks := range map[string]int{"haq-bismo-cloud": 2160, "haq-bismo-edge": 140} {
		a, err := Load(name, nil)
		if err != nil {
			t.Fatal(err)
		}
		b := &a.Buffers
		if used, have := b.Weights.Bytes+b.Inputs.Bytes+b.Outputs.Bytes, blocks*36*1024/8; used > have {
			t.Errorf("%s: %d bytes of buffers in %d bytes of block RAM", name, used, have)
		}
	}
}

// What is called unconfirmed says so in its source, and the other way round.
func TestUnconfirmedValuesSaySo(t *testing.T) {
	for _, s := range List() {
		a, err := Load(s.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		for key, source := range a.Sources {
			if !strings.Contains(source, "UNCONFIRMED") {
				continue
			}
			marked := slices.ContainsFunc(a.Unconfirmed, func(one string) bool { return one == key || strings.HasPrefix(one, key+".") })
			if !marked {
				t.Errorf("%s: the source of %s says unconfirmed, the list does not", s.Name, key)
			}
		}
		for _, key := range a.Unconfirmed {
			if source := a.Source(key); !strings.HasPrefix(key, "energy") && !strings.HasPrefix(key, "area") && !strings.HasSuffix(key, "_instructions") && !strings.Contains(source, "UNCONFIRMED") {
				t.Errorf("%s: %s is on the list, its source %q does not say so", s.Name, key, source)
			}
		}
	}
}

func TestDRAMParts(t *testing.T) {
	for alias, c := range map[string]struct {
		name string
		peak float64 // GB/s
	}{
		"ddr3-1600": {"DDR3-1600K-4Gb-x8", 12.8}, "ddr4-2400": {"DDR4-2400U-8Gb-x8", 19.2},
		"ddr4-3200": {"DDR4-3200-8Gb-x8", 25.6}, "lpddr4-2400": {"LPDDR4-2400-8Gb-x16x4", 19.2},
	} {
		p, err := LoadDRAM(alias)
		if err != nil {
			t.Fatal(err)
		}
		if p.Name != c.name {
			t.Errorf("%s is %s, want %s", alias, p.Name, c.name)
		}
		near(t, alias+" peak", float64(p.BurstBytes)/(float64(p.BurstClocks)*p.TCKNs), c.peak, 0.01)
		same, err := LoadDRAM(c.name)
		if diff := cmp.Diff(p, same); diff != "" || err != nil {
			t.Errorf("%s: %v %s", c.name, err, diff)
		}
	}
	p, err := LoadDRAM("ddr4-2400")
	if err != nil {
		t.Fatal(err)
	}
	// IDD formula of a read burst: VDD·(IDD4R − IDD3N)·BL/2·devices·tCK.
	near(t, "read burst", p.Energy.ReadPJ.Value, 1.2*(135-43)*4*8*0.833, 12)
	write(t, map[string]string{"bad.toml": "name = \"bad\"\ntck_ns = -1\nrow_bites = 3\nrow_bytes = 100\n"})
	_, err = LoadDRAM("bad.toml")
	for _, want := range []string{
		`bad.toml:2:10: tck_ns = -1.0: must be above 0`, `bad.toml:3: no key "row_bites" (did you mean "row_bytes"?)`,
		`bad.toml:4:13: row_bytes = 100: must be a power of two`, `bad.toml: cl = 0: must be 1 to`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
	if _, err := LoadDRAM("ddr5"); err == nil || !strings.Contains(err.Error(), `no DRAM "ddr5"`) {
		t.Errorf("ddr5: %v", err)
	}
}
