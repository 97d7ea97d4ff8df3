package stepped

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/arch"
)

// The arrays of testdata/rtl, written in Verilog, must take the same cycles and
// give the same integers as the stepped ones.

// design is a compiled Verilog array with its bench.
type design struct{ program string }

// compile builds a design with Icarus Verilog. Without it the test is skipped,
// and fails under CI=true.
func compile(t *testing.T, name string) design {
	t.Helper()
	compiler, err := exec.LookPath("iverilog")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("needs Icarus Verilog: install iverilog")
		}
		t.Skip("needs Icarus Verilog: install iverilog")
	}
	d := design{filepath.Join(t.TempDir(), name+".vvp")}
	out, err := exec.Command(compiler, "-g2012", "-Wall", "-o", d.program,
		"testdata/rtl/"+name+".v", "testdata/rtl/"+name+"_tb.v").CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return d
}

// run simulates the design on a stimulus and returns the numbers of each line
// of output, and the cycles.
func (d design) run(t *testing.T, stimulus string) (out [][]int64, cycles int64) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "stim.txt"), []byte(stimulus), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("vvp", "-n", d.program)
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("vvp: %v\n%s", err, text)
	}
	cycles = -1
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		var numbers []int64
		for _, w := range words[1:] {
			var n int64
			if _, err := fmt.Sscan(w, &n); err != nil {
				t.Fatalf("vvp: %s", line)
			}
			numbers = append(numbers, n)
		}
		switch words[0] {
		case "out":
			out = append(out, numbers)
		case "cycles":
			cycles = numbers[0]
		default:
			t.Fatalf("vvp: %s", line)
		}
	}
	return out, cycles
}

// compare checks the product and the cycles of the hardware.
func (c *Case) compare(t *testing.T, got []int64, cycles int64) {
	t.Helper()
	want, err := c.Run()
	if err != nil {
		t.Fatal(err)
	}
	if !sameOutputs(got, want.Outputs) {
		t.Errorf("%+v: the hardware gives other integers\ngot  %v\nwant %v", c.Op, got, want.Outputs)
	}
	if cycles != want.Cycles.Total() {
		t.Errorf("%+v: the hardware takes %d cycles, the stepped array %d", c.Op, cycles, want.Cycles.Total())
	}
}

func TestHardwareSystolic(t *testing.T) {
	d := compile(t, "systolic")
	for seed := range 8 {
		rng := rand.New(rand.NewPCG(uint64(seed), 2))
		c := Case{Machine: systolicArray(4, 4), Op: matmul(1+rng.IntN(9), 1+rng.IntN(13), 1+rng.IntN(9), 8)}
		c.draw(rng)
		op := &c.Op
		var folds [][2]int
		for m := 0; m < op.M; m += 4 {
			for k := 0; k < op.K; k += 4 {
				folds = append(folds, [2]int{m, k})
			}
		}
		var stim strings.Builder
		fmt.Fprintln(&stim, len(folds), op.N)
		for _, f := range folds {
			for r := range 4 {
				for col := range 4 {
					fmt.Fprintln(&stim, c.weightAt(f[0]+col, f[1]+r))
				}
			}
			for n := range op.N {
				for r := range 4 {
					fmt.Fprintln(&stim, c.actAt(f[1]+r, n))
				}
			}
		}
		out, cycles := d.run(t, stim.String())
		sums := make([]int64, op.M*op.N)
		for _, line := range out { // fold, column, position, sum
			if m := folds[line[0]][0] + int(line[1]); m < op.M {
				sums[m*op.N+int(line[2])] += line[3]
			}
		}
		c.compare(t, sums, cycles)
	}
}

func (c *Case) weightAt(m, k int) int32 {
	if m >= c.Op.M || k >= c.Op.K {
		return 0
	}
	return c.Weights[m*c.Op.K+k]
}

func (c *Case) actAt(k, n int) int32 {
	if k >= c.Op.K || n >= c.Op.N {
		return 0
	}
	return c.Acts[k*c.Op.N+n]
}

func TestHardwareBitSerial(t *testing.T) {
	d := compile(t, "bitserial")
	for seed := range 8 {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		c := Case{Machine: serialArray(2, 8, 2), Op: matmul(1+rng.IntN(5), 1+rng.IntN(20), 1+rng.IntN(5))}
		c.Machine.Array.Order, c.Machine.Array.LatencyCycles = "inorder", 2
		c.Op.ActBits, c.Op.ActSigned = uint8(1+rng.IntN(6)), rng.IntN(2) == 0
		for range c.Op.M {
			c.Op.WeightBits = append(c.Op.WeightBits, uint8(2+rng.IntN(7)))
		}
		c.draw(rng)
		stim, tiles := c.serialStimulus()
		out, cycles := d.run(t, stim)
		sums := make([]int64, c.Op.M*c.Op.N)
		for _, line := range out { // tile, row, column, sum
			m, n := tiles[line[0]][0]+int(line[1]), tiles[line[0]][1]+int(line[2])
			if m < c.Op.M && n < c.Op.N {
				sums[m*c.Op.N+n] = line[3]
			}
		}
		c.compare(t, sums, cycles)
	}
}

// serialStimulus writes the planes of every 2×2 tile of outputs.
func (c *Case) serialStimulus() (stim string, tiles [][2]int) {
	op := &c.Op
	var text strings.Builder
	plane := func(value func(k int) int32, p, beat int) {
		word := 0
		for i := range 8 {
			word |= int(value(beat*8+i)>>p&1) << i
		}
		fmt.Fprintln(&text, word)
	}
	beats := ceil(op.K, 8)
	for n := 0; n < op.N; n += 2 {
		for m := 0; m < op.M; m += 2 {
			tiles = append(tiles, [2]int{m, n})
			bits := func(row int) int {
				if m+row < op.M {
					return int(op.WeightBits[m+row])
				}
				return 0
			}
			fmt.Fprintln(&text, beats, bits(0), bits(1))
			for row := range 2 {
				for i := range bits(row) * beats {
					plane(func(k int) int32 { return c.weightAt(m+row, k) }, i/beats, i%beats)
				}
			}
			for col := range 2 {
				for i := range int(op.ActBits) * beats {
					plane(func(k int) int32 { return c.actAt(k, n+col) }, i/beats, i%beats)
				}
			}
		}
	}
	signed := 0
	if op.ActSigned {
		signed = 1
	}
	return fmt.Sprintln(len(tiles), op.ActBits, signed) + text.String(), tiles
}

func TestHardwareFusion(t *testing.T) {
	d := compile(t, "fusion")
	for seed := range 8 {
		rng := rand.New(rand.NewPCG(uint64(seed), 4))
		c := Case{Op: matmul(1+rng.IntN(4), 1+rng.IntN(20), 1+rng.IntN(4))}
		c.Machine = arch.Accelerator{Engine: arch.Fusion, Array: arch.Array{
			Rows: 1, Cols: 1, NativeWeightBits: 8, NativeActBits: 8, Pack: true, FillCycles: -1,
			WeightWidths: []int{2, 4, 8}, ActWidths: []int{2, 4, 8},
		}}
		c.Op.ActBits, c.Op.ActSigned = pick[uint8](rng, 2, 3, 4, 8, 16), rng.IntN(2) == 0
		for range c.Op.M {
			c.Op.WeightBits = append(c.Op.WeightBits, pick[uint8](rng, 2, 4, 6, 8, 12, 16))
		}
		c.draw(rng)
		stim, beats := c.fusionStimulus()
		out, cycles := d.run(t, stim)
		sums := make([]int64, c.Op.M*c.Op.N)
		for _, line := range out { // beat, sum
			b := beats[line[0]]
			sums[b.at] += line[1] << b.shift
		}
		c.compare(t, sums, cycles)
	}
}

// fusionBeat tells where the sum of a beat belongs.
type fusionBeat struct{ at, shift int }

// fusionStimulus writes the words of one unit that computes every output in
// turn: a part of each operand, as many elements as the unit takes.
func (c *Case) fusionStimulus() (stim string, beats []fusionBeat) {
	op, a := &c.Op, &c.Machine.Array
	var text strings.Builder
	act := a.RoundAct(int(op.ActBits))
	for m := range op.M {
		weight := a.RoundWeight(int(op.WeightBits[m]))
		pack := 8 / min(weight, 8) * (8 / min(act, 8))
		for k := 0; k < op.K; k += pack {
			for part := range ceil(weight, 8) * ceil(act, 8) {
				wp, ap := part/ceil(act, 8), part%ceil(act, 8)
				wSigned, aSigned := 0, 0
				if wp == ceil(weight, 8)-1 {
					wSigned = 1
				}
				if op.ActSigned && ap == ceil(act, 8)-1 {
					aSigned = 1
				}
				for n := range op.N {
					var w, x uint32
					for e := range pack {
						w |= slice(c.weightAt(m, k+e), wp, weight) << (e * min(weight, 8))
						x |= slice(c.actAt(k+e, n), ap, act) << (e * min(act, 8))
					}
					fmt.Fprintf(&text, "%d %d %d %d %x %x\n", modeCode(weight), modeCode(act), wSigned, aSigned, w, x)
					beats = append(beats, fusionBeat{m*op.N + n, 8 * (wp + ap)})
				}
			}
		}
	}
	return fmt.Sprintln(len(beats)) + text.String(), beats
}

// slice cuts byte part from v, or all of the width if that is narrower.
func slice(v int32, part, width int) uint32 {
	return uint32(v) >> (8 * part) & (1<<min(width, 8) - 1)
}

// modeCode is 0, 1 or 2 for 2, 4 or 8 bits.
func modeCode(width int) int {
	switch width {
	case 2:
		return 0
	case 4:
		return 1
	}
	return 2
}
