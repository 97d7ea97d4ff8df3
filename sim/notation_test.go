package sim

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/simtest"
)

// charge runs a workload as a file has it.
func charge(t *testing.T, machine string, set []string, text string) *Result {
	t.Helper()
	acc, err := arch.Load(machine, set)
	if err != nil {
		t.Fatal(err)
	}
	w, err := workload.Parse("case.toml", []byte("[[op]]\nname = \"c\"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), acc, w, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	multiplier2 = "kind = \"depthwise\"\nin = [32, 16, 16]\nkernel = [3, 3]\npad = 1\nout_channels = 64"
	multiplier4 = "kind = \"depthwise\"\nin = [32, 16, 16]\nkernel = [3, 3]\npad = 1\nout_channels = 128"
	groups32    = "kind = \"conv\"\nin = [32, 16, 16]\nkernel = [3, 3]\npad = 1\nout_channels = 64\ngroups = 32"
	alongH      = "kind = \"conv\"\nin = [64, 4096, 1]\nkernel = [9, 1]\npad = [4, 0, 4, 0]\nout_channels = 64"
	alongW      = "kind = \"conv\"\nin = [64, 1, 4096]\nkernel = [1, 9]\npad = [0, 4, 0, 4]\nout_channels = 64"
	product     = "kind = \"matmul\"\nm = 64\nk = 4096\nn = 1024"
	asWindows   = "kind = \"conv\"\nin = [1, 1024, 4096]\nkernel = [1, 4096]\nout_channels = 64"
	pointwise   = "kind = \"conv\"\nin = [96, 20, 30]\nkernel = [1, 1]\nout_channels = 40"
	itsProduct  = "kind = \"matmul\"\nm = 40\nk = 96\nn = 600"
	shortcut    = "kind = \"conv\"\nin = [256, 56, 56]\nkernel = [1, 1]\nstride = 2\nout_channels = 512"
)

// A depthwise convolution with a multiplier is a grouped one: 32 sets of two columns,
// 11200 cycles on 32 × 32, and every input is read once.
func TestDepthwiseMultiplier(t *testing.T) {
	for text, read := range map[string]int64{multiplier2: 8768, groups32: 8768, multiplier4: 9344} {
		r := charge(t, "scalesim-32x32", nil, text)
		if r.Totals.Cycles != 11200 || r.Totals.DRAMRead != read {
			t.Errorf("%q: %d cycles, %d bytes, want 11200 and %d", text, r.Totals.Cycles, r.Totals.DRAMRead, read)
		}
	}
}

// Every shipped machine charges a product the same in each notation, but for the
// imitations of peers, which price a layer as it is written.
func TestNotationsOnShippedMachines(t *testing.T) {
	for _, m := range arch.List() {
		acc, err := arch.Load(m.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if acc.Memory.OwnNotation() {
			continue
		}
		for _, pair := range [][2]string{{multiplier2, groups32}, {alongH, alongW}, {product, asWindows}, {pointwise, itsProduct}} {
			a, b := charge(t, m.Name, nil, pair[0]), charge(t, m.Name, nil, pair[1])
			if a.Totals.Stalls != b.Totals.Stalls || a.Totals.Energy != b.Totals.Energy || a.Totals.DRAMRead != b.Totals.DRAMRead {
				t.Errorf("%s: %q takes %d cycles, %d bytes, %q %d, %d", m.Name, pair[0], a.Totals.Cycles, a.Totals.DRAMRead, pair[1], b.Totals.Cycles, b.Totals.DRAMRead)
			}
		}
	}
}

// A 1×1 convolution at stride 2 reads a quarter of its map, unless the machine reads
// whole maps.
func TestStridedReadsWhatItTouches(t *testing.T) {
	const whole, weights = 256 * 56 * 56, 256 * 512
	for set, want := range map[string]int64{"memory.skip_unused=true": whole/4 + weights, "memory.skip_unused=false": whole + weights} {
		if r := charge(t, "tpu-v1", []string{set}, shortcut); r.Totals.DRAMRead != want {
			t.Errorf("%s: %d bytes, want %d", set, r.Totals.DRAMRead, want)
		}
	}
}

// The op's batch and the machine's are one.
func TestBatchesCommute(t *testing.T) {
	for _, m := range arch.List() {
		acc, err := arch.Load(m.Name, []string{"batch=1"})
		if err != nil {
			t.Fatal(err)
		}
		if acc.Memory.OwnNotation() {
			continue
		}
		for _, text := range []string{groups32, itsProduct} {
			a := charge(t, m.Name, []string{"batch=3"}, text)
			b := charge(t, m.Name, []string{"batch=1"}, text+"\nbatch = 3")
			if a.Totals.Stalls != b.Totals.Stalls || a.Totals.DRAMRead != b.Totals.DRAMRead || a.Totals.Energy != b.Totals.Energy {
				t.Errorf("%s, %q: batch of the machine %d cycles, %d bytes; of the op %d, %d", m.Name, text,
					a.Totals.Cycles, a.Totals.DRAMRead, b.Totals.Cycles, b.Totals.DRAMRead)
			}
		}
	}
}

// Streaming units have their weights on chip: loaded once, whatever the batch.
func TestStreamingLoadsWeightsOnce(t *testing.T) {
	const frame = 16 * 14 * 14
	text := "kind = \"conv\"\nin = [16, 14, 14]\nkernel = [3, 3]\npad = 1\nout_channels = 32"
	r := charge(t, "finn-streaming", []string{"batch=8"}, text)
	if want := int64(8*frame + 16*9*32); r.Totals.DRAMRead != want {
		t.Errorf("%d bytes read, want %d", r.Totals.DRAMRead, want)
	}
	wide := charge(t, "finn-streaming", []string{"array.pe=65536"}, "kind = \"matmul\"\nm = 65536\nk = 32\nn = 1")
	if wide.Totals.Energy.MAC <= 0 || wide.Totals.Utilisation <= 0 {
		t.Errorf("65536 channels side by side: %+v", wide.Totals)
	}
}

// What fits a shared scratchpad beside the tiles is loaded once.
func TestSharedScratchpadKeepsWhatFits(t *testing.T) {
	text := "kind = \"conv\"\nin = [64, 28, 28]\nkernel = [3, 3]\npad = 1\nout_channels = 64"
	if r := charge(t, "multipoint-int8-array", nil, text); r.Totals.DRAMRead != 36864+50176 {
		t.Errorf("%d bytes read, want %d", r.Totals.DRAMRead, 36864+50176)
	}
}

// Planes are those of the width that the array has: two passes of 8 bits for 12.
func TestPlanesOfRoundedWidths(t *testing.T) {
	r := charge(t, "haq-bismo-edge", nil, "kind = \"matmul\"\nm = 100\nk = 64\nn = 2\nweight_bits = 12\nact_bits = 8")
	if r.Totals.Cycles < 13*8*16 {
		t.Errorf("%d cycles, at least %d for 16 planes", r.Totals.Cycles, 13*8*16)
	}
}

// A fold reads back the sums that it goes on with: 256 folds write 256 times and read
// 255 times.
func TestPartialSumsComeBack(t *testing.T) {
	r := charge(t, "multipoint-int8-array", nil, "kind = \"matmul\"\nm = 256\nk = 4096\nn = 16")
	final := int64(256 * 16 * 32)
	if got := r.Totals.SRAM; got.OutputsRead != got.OutputsWritten-final || got.OutputsWritten != 256*final {
		t.Errorf("%d bits of sums read, %d written, %d of them final", got.OutputsRead, got.OutputsWritten, final)
	}
}

// Sizes whose products overflow are refused.
func TestSizesThatOverflow(t *testing.T) {
	for _, text := range []string{
		"kind = \"matmul\"\nm = 2097152\nk = 2097152\nn = 2097152",
		"kind = \"matmul\"\nm = 1048576\nk = 1048576\nn = 1048576\nweight_bits = 16\nact_bits = 16",
		"kind = \"conv\"\nin = [1, 67108864, 67108864]\nkernel = [1, 1]\nout_channels = 1",
	} {
		if _, err := workload.Parse("case.toml", []byte("[[op]]\nname = \"c\"\n"+text)); err == nil {
			t.Errorf("%q: accepted", text)
		}
	}
}

// The canonical form is that of the same product: as many multiply-accumulates, no
// input element more, and canonical itself.
func TestCanonicalForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		op := simtest.Op(t)
		touched := rapid.Bool().Draw(t, "touched")
		c := op.Canonical(touched)
		switch again := c.Canonical(touched); {
		case c.MACs() != op.MACs() || c.N != op.N || c.OutputElements() != op.OutputElements():
			t.Fatalf("%+v is another product than %+v", c, op)
		case c.InputElements() > op.InputElements():
			t.Fatalf("%+v reads more than %+v", c, op)
		case again.Kind != c.Kind || again.In != c.In || again.Kernel != c.Kernel || again.Stride != c.Stride || again.Pad != c.Pad:
			t.Fatalf("%+v of %+v", again, c)
		}
	})
}
