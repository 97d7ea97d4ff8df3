//go:build unix

package cli

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// arrays is a sweep of some seconds on one core.
var arrays = []string{"sweep", "arrays", "-w", "tiny-ds-cnn", "--sample", "1000", "--quiet", "--no-cache"}

// killed starts the program and kills it after a while, unless it ends before.
func killed(t *testing.T, folder string, after time.Duration, args ...string) (ended bool) {
	t.Helper()
	cmd, _ := prepared(t, folder, args...)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { cmd.Process.Signal(syscall.SIGKILL) })
	err := cmd.Wait()
	timer.Stop()
	if err != nil && cmd.ProcessState.ExitCode() >= 0 {
		t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, errs.String())
	}
	return err == nil
}

// same compares the files of two folders that hold no clock.
func same(t *testing.T, what, a, b string) {
	t.Helper()
	for _, name := range []string{"results.csv", "results.parquet", "points.jsonl", "sweep.toml", "report.html"} {
		x, errX := os.ReadFile(filepath.Join(a, name))
		y, errY := os.ReadFile(filepath.Join(b, name))
		if errX != nil || errY != nil || !bytes.Equal(x, y) {
			t.Fatalf("%s: %s differs (%v, %v)", what, name, errX, errY)
		}
	}
}

// TestSweepSurvivesKills kills a sweep again and again at random moments and lets it go
// on: the files are those of an undisturbed run.
func TestSweepSurvivesKills(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a sweep many times")
	}
	folder := t.TempDir()
	began := time.Now()
	if p := start(t, folder, append(arrays, "--out", "whole")...); p.status != exitDone {
		t.Fatalf("status %d: %s", p.status, p.errs)
	}
	whole := time.Since(began)
	rng := rand.New(rand.NewPCG(uint64(began.UnixNano()), 1))
	kills := 0
	for round := range rounds {
		if err := os.RemoveAll(filepath.Join(folder, "cut")); err != nil {
			t.Fatal(err)
		}
		for !killed(t, folder, time.Duration(rng.Int64N(int64(whole))), append(arrays, "--out", "cut")...) {
			kills++
		}
		same(t, "killed and resumed", filepath.Join(folder, "whole"), filepath.Join(folder, "cut"))
		t.Logf("round %d: %d kills so far", round, kills)
	}
	if kills == 0 {
		t.Error("nothing was killed")
	}
}

// TestOneWriter starts a sweep while another one writes its folder.
func TestOneWriter(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a sweep twice")
	}
	folder := t.TempDir()
	done := make(chan process)
	go func() { done <- start(t, folder, append(arrays, "--out", "one")...) }()
	for range 200 {
		if _, err := os.Stat(filepath.Join(folder, "one", "points.jsonl")); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if p := start(t, folder, append(arrays, "--out", "one")...); p.status == exitDone || !strings.Contains(p.errs, "is writing it") {
		t.Errorf("a second writer: status %d, %s%s", p.status, p.out, p.errs)
	}
	if p := <-done; p.status != exitDone {
		t.Errorf("the first writer: status %d: %s", p.status, p.errs)
	}
}
