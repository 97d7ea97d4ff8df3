//go:build unix && long && !nonats

package cli

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/sim/sweep"
)

// TestSweepThroughput prints what a point costs in CPU time: by the evaluator alone, by a
// sweep on this machine, and by a coordinator, its server and two workers together.
//
//	go test ./internal/cli -tags long -run SweepThroughput -v
func TestSweepThroughput(t *testing.T) {
	spec, err := sweep.Load("arrays")
	if err != nil {
		t.Fatal(err)
	}
	p, err := spec.Plan(t.Context(), sweep.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := time.Duration(p.Len())
	bare := bareCPU(t, p) / n
	folder := t.TempDir()
	local := start(t, folder, "sweep", "arrays", "--no-cache", "--quiet", "--out", "local")
	if local.status != exitDone {
		t.Fatal(local.errs)
	}
	address := fmt.Sprint("127.0.0.1:", freePort(t))
	coordinator := &member{t: t, make: func() *exec.Cmd {
		cmd, _ := prepared(t, folder, "sweep", "arrays", "--no-cache", "--quiet", "--out", "queue", "--listen", address, "--no-work")
		return cmd
	}}
	coordinator.start()
	var cpu time.Duration
	workers := helpersOf(t, folder, "nats://"+address)
	for _, w := range workers {
		w.start()
	}
	if err := <-coordinator.ended; err != nil {
		t.Fatalf("%v: %s", err, coordinator.errs.String())
	}
	cpu += used(coordinator.cmd)
	for _, w := range workers {
		if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		<-w.ended
		cpu += used(w.cmd)
	}
	same(t, "queue", folder+"/local", folder+"/queue")
	ratio := func(d time.Duration) string {
		return fmt.Sprintf("%v a point, %.2f times", d/n, float64(d/n)/float64(bare))
	}
	t.Logf("%d points, bare %v a point; local %s; coordinator, server and two workers %s", p.Len(), bare, ratio(local.cpu), ratio(cpu))
}

// million is a sweep of a million points of a small network.
var million = []string{
	"sweep", "-m", "gemmini-default", "-w", "tiny-autoencoder", "--axis", "array.rows=1:1000", "--axis", "array.cols=1:1000", "--no-cache", "--quiet",
}

// TestSweepMillion runs a million points on a coordinator, which is the server too, and two
// workers to the end, all files written, and prints what it took.
//
//	go test ./internal/cli -tags long -run SweepMillion -v -timeout 2h
func TestSweepMillion(t *testing.T) {
	const points, most = 1_000_000, 500_000 // kB
	folder := t.TempDir()
	address, peak := fmt.Sprint("127.0.0.1:", freePort(t)), folder+"/peak"
	coordinator := &member{t: t, make: func() *exec.Cmd {
		cmd, _ := prepared(t, folder, append(million, "--out", "million", "--listen", address, "--no-work")...)
		cmd.Env = append(os.Environ(), peakFile+"="+peak)
		return cmd
	}}
	coordinator.start()
	defer coordinator.kill()
	var cpu time.Duration
	workers := helpersOf(t, folder, "nats://"+address)
	for _, w := range workers {
		w.start()
		defer w.kill()
	}
	if err := <-coordinator.ended; err != nil {
		t.Fatalf("%v: %s", err, coordinator.errs.String())
	}
	coordinator.ended <- nil
	own := used(coordinator.cmd)
	for _, w := range workers {
		if err := w.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		w.ended <- <-w.ended
		cpu += used(w.cmd)
	}
	csv, err := os.ReadFile(folder + "/million/results.csv")
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(csv, []byte("\n")); n != points+1 {
		t.Errorf("%d lines of results, want %d", n, points+1)
	}
	kB := peakOf(t, peak)
	t.Logf("%d points: coordinator and server %v of CPU and at most %d MB, two workers %v", points, own, kB/1000, cpu)
	if kB == 0 || kB > most {
		t.Errorf("the coordinator took %d kB, want at most %d", kB, most)
	}
}

// peakOf is the most memory that a process has had, in kB.
func peakOf(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	kB, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kB
}

// helpersOf are two workers of a server, which is there when they are returned.
func helpersOf(t *testing.T, folder, url string) []*member {
	t.Helper()
	for range 600 {
		if c, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://")); err == nil {
			c.Close()
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	one := func() *exec.Cmd {
		cmd, _ := prepared(t, folder, "worker", "--nats", url, "-j", "1", "--quiet")
		return cmd
	}
	return []*member{{t: t, make: one}, {t: t, make: one}}
}

func used(cmd *exec.Cmd) time.Duration {
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// bareCPU prices all points in a loop that keeps nothing.
func bareCPU(t *testing.T, p *sweep.Plan) time.Duration {
	base, err := arch.Open("multipoint-int8-array")
	if err != nil {
		t.Fatal(err)
	}
	w, err := zoo.Load("resnet18")
	if err != nil {
		t.Fatal(err)
	}
	var pricer evaluate.Pricer
	before := self(t)
	for i := range p.Len() {
		var sets []string
		for k, v := range p.Values(i) {
			sets = append(sets, p.Keys[k]+"="+v)
		}
		machine, err := base.With(sets...)
		if err != nil {
			t.Fatal(strings.Join(sets, " "), err)
		}
		placed, _, err := (arch.Footing{Batch: 1}).Place(machine)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := pricer.Price(placed, w); err != nil {
			t.Fatal(err)
		}
	}
	return self(t) - before
}

func self(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
