//go:build hostile && unix

package hostile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// What an input may take.
const (
	mostCPU    = 10      // seconds
	mostMemory = 1 << 20 // kB of data
)

// reader is a way into the program.
type reader struct {
	name string
	file string // that the program is told to read
	args string
}

// together is how many files one run reads where it reads many, and how many such files
// are tried for each that a run reads alone.
const together = 40

// many tells of a reader whose runs read many files each.
func (r *reader) many() bool { return strings.Contains(r.args, "FILES") }

func (r *reader) share() int {
	if r.many() {
		return 25
	}
	return 1
}

// readersOf are all readers and the file of the folder that each mutates.
var readersOf = []reader{
	{"machine", "m.toml", "run -w w.csv -m m.toml --json"},
	{"machine, stepped", "small.toml", "run -w w.csv -m small.toml --stepped --json"},
	{"SCALE-Sim machine", "m.cfg", "run -w w.csv -m m.cfg --json"},
	{"front end", "f.toml", "mimo -m f.toml --snr 5 --blocks 2 --json"},
	{"workload", "w.toml", "run -w w.toml -m haq-bismo-edge --json"},
	{"workload on tiles", "w.toml", "run -w w.toml -m gemmini-default --json"},
	{"topology", "w.csv", "run -w w.csv -m scalesim-32x32 --json"},
	{"policy", "p.toml", "run -w w.csv -m haq-bismo-edge -q policy:p.toml --json"},
	{"network file", "n.toml", "check n.toml --json"},
	{"machines, many", "m.toml", "check FILES --json"},
	{"front ends, many", "f.toml", "check FILES --json"},
	{"workloads, many", "w.toml", "check FILES --json"},
	{"policies, many", "p.toml", "check FILES --json"},
	{"sweeps, many", "s.toml", "check FILES --json"},
	{"models, many", "float.onnx", "check FILES --json"},
	{"quantized models, many", "n.onnx", "check FILES --json"},
	{"factors, many", "a.lplr", "check FILES --json"},
	{"features, many", "a.rff", "check FILES --json"},
	{"network, cost", "n.onnx", "run -n n.onnx -m haq-bismo-edge --json"},
	{"network, float", "n.onnx", "run -n n.onnx -m haq-bismo-edge -q float --data glyphs[:2] --calib glyphs:calib[:2] --json"},
	{"quantized network", "n.onnx", "run -q onnx:n.onnx -m haq-bismo-edge --data glyphs[:2] --json"},
	{"sweep", "s.toml", "sweep s.toml --dry-run"},
	{"result", "r.json", "report r.json"},
	{"matrix, CSV", "a.csv", "quantize lplr --matrix a.csv --json"},
	{"matrix, npy", "a.npy", "quantize lplr --matrix a.npy --json"},
	{"matrix, npz", "a.npz", "quantize lplr --matrix a.npz --json"},
	{"matrix, safetensors", "a.safetensors", "quantize lplr --matrix a.safetensors --json"},
	{"matrix, PNG", "a.png", "quantize lplr --matrix a.png --json"},
	{"matrix, JPEG", "a.jpg", "quantize lplr --matrix a.jpg --json"},
	{"table, CSV", "t.csv", "quantize rff --table t.csv --json"},
	{"table, LIBSVM", "t.libsvm", "quantize rff --table t.libsvm --json"},
	{"table, npy", "a.npy", "quantize rff --table a.npy --json"},
	{"factors", "a.lplr", "check a.lplr --json"},
	{"features", "a.rff", "check a.rff --json"},
	{"images, npy", "d.npy", "run -m haq-bismo-edge -q float --data npy:d.npy --json"},
	{"images, labels of npy", "d.labels.npy", "run -m haq-bismo-edge -q float --data npy:d.npy --json"},
	{"checkpoint of training", "c.safetensors", "quantize bcgd:epochs=1,data=glyphs:train[:16],checkpoint=c.safetensors --calib glyphs:calib[:4] --json"},
	{"error rates to go on with", "k.jsonl", "mimo --snr 5 --blocks 2 --resume k.jsonl --json"},
}

// TestMutations gives every reader files with wrong bits, numbers and lengths:
// BITCYCLE_MUTATIONS of them in all, else 100 000. Each ends with a result or an error of
// the input, within the memory and the time, and nothing else.
func TestMutations(t *testing.T) {
	total := 100_000
	if text := os.Getenv("BITCYCLE_MUTATIONS"); text != "" {
		var err error
		if total, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	program := build(t)
	folder := t.TempDir()
	plant(t, program, folder)
	shares := 0
	for _, r := range readersOf {
		shares += r.share()
	}
	for i, r := range readersOf {
		each := (total*r.share() + shares - 1) / shares
		seed, err := os.ReadFile(filepath.Join(folder, r.file))
		if err != nil {
			t.Fatal(err)
		}
		if o := try(program, folder, strings.ReplaceAll(r.args, "FILES", r.file)); o.ended != "result" {
			t.Fatalf("%s: the file as it is ends with %s: %s", r.name, o.ended, o.said)
		}
		ends := drive(t, program, folder, r, seed, uint64(i), each)
		t.Logf("%-26s %6d inputs: %v", r.name, each, ends)
	}
}

// drive runs mutations of a file on all cores and counts their ends. Files that are read
// many at a time are looked at alone if there is more than a refusal.
func drive(t *testing.T, program, folder string, r reader, seed []byte, stream uint64, count int) map[string]int {
	var mutex sync.Mutex
	var group sync.WaitGroup
	ends := map[string]int{}
	next := make(chan int)
	step := 1
	if r.many() {
		step = together
	}
	for range runtime.GOMAXPROCS(0) {
		own := t.TempDir()
		if err := os.CopyFS(own, os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
		group.Go(func() {
			for from := range next {
				for _, o := range some(t, program, own, r, seed, stream, from, min(from+step, count)) {
					mutex.Lock()
					ends[o.ended]++
					mutex.Unlock()
				}
			}
		})
	}
	for i := 0; i < count; i += step {
		next <- i
	}
	close(next)
	group.Wait()
	return ends
}

// some runs the program on inputs from..to−1 and reports what is neither a result nor a
// refusal.
func some(t *testing.T, program, own string, r reader, seed []byte, stream uint64, from, to int) (ends []outcome) {
	var names []string
	for i := from; i < to; i++ {
		name := r.file
		if r.many() {
			name = fmt.Sprintf("%d-%s", i-from, r.file)
		}
		names = append(names, name)
		content := mutate(rand.New(rand.NewPCG(stream, uint64(i))), seed)
		if err := os.WriteFile(filepath.Join(own, name), content, 0o644); err != nil {
			t.Error(err)
		}
	}
	o := try(program, own, strings.ReplaceAll(r.args, "FILES", strings.Join(names, " ")))
	if fine(o) {
		return slices.Repeat([]outcome{o}, to-from)
	}
	for i := from; i < to; i++ {
		if r.many() {
			if o = try(program, own, strings.ReplaceAll(r.args, "FILES", names[i-from])); fine(o) {
				ends = append(ends, o)
				continue
			}
		}
		content, err := os.ReadFile(filepath.Join(own, names[i-from]))
		if err != nil {
			t.Error(err)
		}
		name := fmt.Sprintf("%s-%d%s", strings.ReplaceAll(r.name, " ", "-"), i, filepath.Ext(r.file))
		t.Errorf("%s, input %d (%s): %s: %.600s", r.name, i, keep(content, name), o.ended, o.said)
		ends = append(ends, o)
	}
	return ends
}

// fine tells of a run that ended as it may.
func fine(o outcome) bool { return o.ended == "result" || o.ended == "refused" }

// keep leaves a file that was a finding in BITCYCLE_FINDINGS, if that is set.
func keep(content []byte, name string) string {
	folder := os.Getenv("BITCYCLE_FINDINGS")
	if folder == "" {
		return "not kept: set BITCYCLE_FINDINGS"
	}
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, content, 0o644); err != nil {
		return err.Error()
	}
	return path
}

// outcome is how a run of the program ended.
type outcome struct{ ended, said string }

// try runs the program under the limits.
func try(program, folder, args string) outcome {
	cmd := exec.Command("sh", append([]string{"-c", fmt.Sprintf(`ulimit -t %d; ulimit -d %d; exec "$0" "$@"`, mostCPU, mostMemory), program}, strings.Fields(args)...)...)
	cmd.Dir = folder
	var errs bytes.Buffer
	cmd.Stderr = &errs
	err := cmd.Run()
	said := errs.String()
	state := cmd.ProcessState
	if state == nil {
		return outcome{"not started", err.Error()}
	}
	status := state.Sys().(syscall.WaitStatus)
	switch {
	case status.Signaled() && (status.Signal() == syscall.SIGXCPU || status.Signal() == syscall.SIGKILL):
		return outcome{"out of time", said}
	case strings.Contains(said, "out of memory") || strings.Contains(said, "cannot allocate memory"):
		return outcome{"out of memory", said}
	case status.Signaled() || strings.Contains(said, "goroutine ") || status.ExitStatus() == 3:
		return outcome{"crash", said}
	case status.ExitStatus() == 0:
		return outcome{"result", said}
	case status.ExitStatus() == 2:
		return outcome{"refused", said}
	}
	return outcome{fmt.Sprintf("status %d", status.ExitStatus()), said}
}

// extremes are numbers that sizes and counts should not be.
var extremes = []uint64{0, 1, 1<<7 - 1, 1 << 7, 1<<15 - 1, 1 << 16, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1<<63 - 1, 1 << 63, 1<<64 - 1}

// words are text that numbers should not be.
var words = []string{"", "0", "-1", "1e308", "1e-320", "nan", "inf", "-inf", "9223372036854775807", "1152921504606846976", "0x7f", "\"", "[", "}", "\n", "\x00", "\x1b[2J", "\xff", "1.5", "[0]", "a.a"}

// mutate changes a copy of a file at one to eight places.
func mutate(r *rand.Rand, seed []byte) []byte {
	b := slices.Clone(seed)
	for range 1 + r.IntN(8) {
		if len(b) == 0 {
			return b
		}
		at := r.IntN(len(b))
		if r.IntN(2) == 0 { // what describes stands in front
			at = r.IntN(min(len(b), 256))
		}
		end := min(len(b), at+1+r.IntN(32))
		switch r.IntN(8) {
		case 0:
			b[at] ^= 1 << r.IntN(8)
		case 1:
			b[at] = byte(r.IntN(256))
		case 2:
			var number [8]byte
			binary.LittleEndian.PutUint64(number[:], extremes[r.IntN(len(extremes))])
			copy(b[at:], number[:1<<r.IntN(4)])
		case 3:
			b = b[:at]
		case 4:
			b = slices.Delete(b, at, end)
		case 5:
			b = slices.Insert(b, at, slices.Clone(b[at:end])...)
		case 6: // a word in the place of the digits around
			for end = at; end < len(b) && strings.IndexByte("0123456789.-e", b[end]) >= 0; end++ {
			}
			b = slices.Replace(b, at, end, []byte(words[r.IntN(len(words))])...)
		case 7:
			from := r.IntN(len(b))
			copy(b[at:end], b[from:])
		}
	}
	return b
}
