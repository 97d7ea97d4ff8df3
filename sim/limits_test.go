package sim

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
)

// The benchmarks of this file are the cost model at its limit; all of them:
//
//	go test ./sim -run '^$' -bench Limit -benchtime 1s
//
// They report processor time and allocations, and "×before": how often faster or smaller
// that is than what the tree of the commit below takes for the same in the same run.
const beforeCommit = "03ca644"

// limitMachines are swept, policyMachines searched.
var (
	limitMachines  = []string{"scalesim-32x32", "haq-bismo-cloud", "gemmini-default", "bitfusion-eyeriss-45nm"}
	policyMachines = []string{"haq-bismo-cloud", "bitfusion-eyeriss-45nm", "gemmini-default", "bismo-pynqz1-8x256x8"}
)

//go:embed testdata/before/before_test.go.txt
var beforeProgram []byte

// figure is what something took before: nanoseconds, and allocations or bytes.
type figure struct{ ns, more float64 }

// before runs the old tree once; there are no figures where it is not at hand.
var before = sync.OnceValue(func() map[string]figure {
	figures, err := runBefore()
	if err != nil {
		fmt.Fprintln(os.Stderr, "no figures of before:", err)
	}
	return figures
})

func runBefore() (map[string]figure, error) {
	folder, err := oldTree()
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	if err := os.WriteFile(filepath.Join(folder, "sim", "before_test.go"), beforeProgram, 0o600); err != nil {
		return nil, err
	}
	list := filepath.Join(folder, "gemms.csv")
	if err := os.WriteFile(list, gemms(), 0o600); err != nil {
		return nil, err
	}
	c := exec.Command("go", "test", "./sim", "-run", "TestBefore", "-v")
	c.Dir = folder
	c.Env = append(os.Environ(), "BEFORE_MACHINES="+strings.Join(limitMachines, " "), "BEFORE_POLICIES="+strings.Join(policyMachines, " "), "BEFORE_CSV="+list, "GOFLAGS=")
	out, err := c.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	figures := map[string]figure{}
	for line := range strings.Lines(string(out)) {
		var name string
		var f figure
		if n, _ := fmt.Sscanf(line, "before %s %g %g", &name, &f.ns, &f.more); n == 3 {
			figures[name] = f
		}
	}
	return figures, oldProcesses(folder, figures)
}

func oldProcesses(folder string, figures map[string]figure) error {
	program := filepath.Join(folder, "program")
	if err := buildProgram(folder, program); err != nil {
		return err
	}
	for name, args := range map[string][]string{"help": {program, "--help"}, "run": append([]string{program}, plainRun...)} {
		var took []float64
		for range 31 {
			ns, err := processTime(args)
			if err != nil {
				return err
			}
			took = append(took, ns)
		}
		bytes, err := processMemory(args)
		if err != nil {
			return err
		}
		figures[name] = figure{median(took), bytes}
	}
	return nil
}

// oldTree unpacks the old commit into a folder of its own.
func oldTree() (string, error) {
	folder, err := os.MkdirTemp("", "before")
	if err != nil {
		return "", err
	}
	archive := exec.Command("git", "archive", beforeCommit)
	archive.Dir = ".."
	unpack := exec.Command("tar", "-x", "-C", folder)
	if unpack.Stdin, err = archive.StdoutPipe(); err != nil {
		return "", err
	}
	if err := unpack.Start(); err != nil {
		return "", err
	}
	if err := archive.Run(); err != nil {
		return "", fmt.Errorf("git archive %s: %w", beforeCommit, err)
	}
	return folder, unpack.Wait()
}

// cpuTime is the processor time of this process.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// besideBefore reports the processor time of each of n repetitions since start, beside
// that of before, and returns it in nanoseconds.
func besideBefore(b *testing.B, name string, start time.Duration, n int) float64 {
	b.StopTimer()
	ns := float64(cpuTime()-start) / float64(n)
	b.ReportMetric(ns, "cpu-ns/op")
	if f, ok := before()[name]; ok {
		b.ReportMetric(f.ns/ns, "×before")
	}
	return ns
}

// BenchmarkLimitPoint prices ResNet-18 on a different machine each time, as a sweep does:
// no two of ten thousand have the same rows and columns ("apart"), or each row and column
// comes with ten sizes of scratchpads and ten bandwidths ("grid").
func BenchmarkLimitPoint(b *testing.B) {
	for _, name := range limitMachines {
		b.Run(name+"/apart", func(b *testing.B) {
			benchPoints(b, name, func(i int) [4]int {
				return [4]int{8 + i%100, 8 + i/100%100, 65536 * (1 + i%8), 64 + i%512}
			})
		})
		b.Run(name+"/grid", func(b *testing.B) {
			benchPoints(b, name, func(i int) [4]int {
				return [4]int{8 + 4*(i/1000%10), 8 + 4*(i/100%10), 65536 * (1 + i/10%10), 64 * (1 + i%10)}
			})
		})
	}
}

func benchPoints(b *testing.B, name string, at func(i int) [4]int) {
	base, err := arch.Open(name)
	if err != nil {
		b.Fatal(err)
	}
	points := make([][4]string, 10000)
	for i := range points {
		v := at(i)
		for k, key := range [4]string{"array.rows", "array.cols", "buffers.inputs.bytes", "memory.bits_per_cycle"} {
			points[i][k] = fmt.Sprint(key, "=", v[k])
		}
	}
	acc, err := base.With()
	if err != nil {
		b.Fatal(err)
	}
	e, err := NewEvaluator(acc, resnet18(8, 8))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	start, n := cpuTime(), 0
	for b.Loop() {
		acc, err := base.With(points[n%len(points)][:]...)
		if err != nil {
			b.Fatal(err)
		}
		if err := e.SetMachine(acc); err != nil {
			b.Fatal(err)
		}
		e.Brief()
		n++
	}
	b.ReportMetric(1e9/besideBefore(b, "point/"+name, start, n), "points/s")
}

// BenchmarkLimitRun is a run by itself, with its report, on a machine that is there.
func BenchmarkLimitRun(b *testing.B) {
	acc, w := load(b, "scalesim-32x32"), resnet18(8, 8)
	b.ReportAllocs()
	start, n := cpuTime(), 0
	for b.Loop() {
		if _, err := Run(context.Background(), acc, w, Options{}); err != nil {
			b.Fatal(err)
		}
		n++
	}
	besideBefore(b, "rerun", start, n)
}

// BenchmarkLimitPolicy prices MobileNetV2 with other widths of one layer, one for each
// channel, as a search does.
func BenchmarkLimitPolicy(b *testing.B) {
	for _, name := range policyMachines {
		b.Run(name, func(b *testing.B) {
			w := mobilenetv2(4, 4)
			e, err := NewEvaluator(load(b, name), w)
			if err != nil {
				b.Fatal(err)
			}
			change := policies(w)
			b.ReportAllocs()
			start, n := cpuTime(), 0
			for b.Loop() {
				at, bits := change(n)
				e.SetBits(at, bits, 4)
				e.Cost()
				n++
			}
			besideBefore(b, "policy/"+name, start, n)
		})
	}
}

// policies changes the widths of one op at a time, drawn once for all.
func policies(w *workload.Workload) func(i int) (op int, bits []uint8) {
	var ops []int
	var drawn [][]uint8
	state := uint32(1)
	for i := range w.Ops {
		if w.Ops[i].Kind == workload.Vector {
			continue
		}
		for range 8 {
			bits := make([]uint8, w.Ops[i].Channels())
			for c := range bits {
				state = state*1664525 + 1013904223
				bits[c] = uint8(1 + state>>24%8)
			}
			ops, drawn = append(ops, i), append(drawn, bits)
		}
	}
	return func(i int) (int, []uint8) {
		at := i * 37 % len(ops)
		return ops[at], drawn[at]
	}
}

// gemms is a list of 100 000 products of different shapes.
func gemms() []byte {
	var b bytes.Buffer
	b.WriteString("Layer,M,N,K,\n")
	state := uint32(1)
	draw := func() uint32 {
		state = state*1664525 + 1013904223
		return 1 + state>>23
	}
	for i := range 100000 {
		fmt.Fprintf(&b, "g%d,%d,%d,%d,\n", i, draw(), draw(), draw())
	}
	return b.Bytes()
}

// BenchmarkLimitOps reads and prices 100 000 products of different shapes.
func BenchmarkLimitOps(b *testing.B) {
	text := gemms()
	acc := load(b, "scalesim-32x32")
	start, n := cpuTime(), 0
	var most uint64
	for b.Loop() {
		w, err := workload.ReadSCALESim("gemms.csv", bytes.NewReader(text))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Run(context.Background(), acc, w, Options{}); err != nil {
			b.Fatal(err)
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.HeapSys)
		n++
	}
	besideBefore(b, "ops", start, n)
	b.ReportMetric(float64(most)/1e6, "MB-heap")
	if f, ok := before()["ops"]; ok {
		b.ReportMetric(f.more/float64(most), "×heap-before")
	}
}

// BenchmarkLimitProcess is the whole program, beside its help and an empty program.
func BenchmarkLimitProcess(b *testing.B) {
	folder := b.TempDir()
	for name, text := range map[string]string{"main.go": "package main\n\nfunc main() {}\n", "go.mod": "module empty\n\ngo 1.26\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	empty, program := filepath.Join(folder, "empty"), filepath.Join(folder, "bitcycle")
	if err := errors.Join(buildProgram(folder, empty), buildProgram("..", program)); err != nil {
		b.Fatal(err)
	}
	nothing := 0.0
	for _, c := range []struct {
		name string
		args []string
	}{{"empty", []string{empty}}, {"help", []string{program, "--help"}}, {"run", append([]string{program}, plainRun...)}} {
		b.Run(c.name, func(b *testing.B) {
			var took []float64
			for b.Loop() {
				ns, err := processTime(c.args)
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, ns)
			}
			ns := median(took)
			b.ReportMetric(ns/1e6, "cpu-ms")
			if c.name == "empty" {
				nothing = ns
			}
			b.ReportMetric(ns/nothing, "×empty")
			bytes, err := processMemory(c.args)
			if err != nil {
				b.Log(err)
			}
			b.ReportMetric(bytes/1e6, "MB")
			if f, ok := before()[c.name]; ok {
				b.ReportMetric(f.ns/ns, "×before")
				b.ReportMetric(f.more/bytes, "×MB-before")
			}
		})
	}
}

// plainRun is a cost report.
var plainRun = []string{"run", "-w", "resnet18", "-m", "scalesim-32x32"}

func buildProgram(folder, path string) error {
	c := exec.Command("go", "build", "-o", path, ".")
	c.Dir, c.Env = folder, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// processTime is the processor time of a process in nanoseconds.
func processTime(args []string) (float64, error) {
	c := exec.Command(args[0], args[1:]...)
	err := c.Run()
	return float64(c.ProcessState.UserTime() + c.ProcessState.SystemTime()), err
}

// processMemory is the most bytes that a process had in memory. A child of this one would
// count what this one has, so a small program starts it.
func processMemory(args []string) (float64, error) {
	var errs bytes.Buffer
	c := exec.Command("time", append([]string{"-f", "%M"}, args...)...)
	c.Stderr = &errs
	if err := c.Run(); err != nil {
		return 0, err
	}
	var kib float64
	_, err := fmt.Sscan(errs.String(), &kib)
	return kib * 1024, err
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
