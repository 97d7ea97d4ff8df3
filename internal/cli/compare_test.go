//go:build unix

package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// crossed is a comparison of a second.
var crossed = []string{
	"compare", "-m", "haq-bismo-edge,gemmini-default", "-q", "uniform:w=8,a=8", "-q", "uniform:w=6,a=6", "-q", "uniform:w=5,a=5", "-q", "uniform:w=4,a=4",
	"-q", "uniform:w=3,a=3", "-q", "uniform:w=2,a=2", "--images", "100", "--calib", "glyphs:calib[:32]", "-j", "1", "--no-cache", "--format", "csv",
}

// files are the names below a folder with when they were written.
func written(t *testing.T, pattern string) map[string]time.Time {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]time.Time{}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		out[path] = info.ModTime()
	}
	return out
}

// An interrupted comparison keeps what is measured, says how to go on, measures the rest
// alone then, and says what an undisturbed one does.
func TestCompareGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("executes a network on thousands of images")
	}
	folder := t.TempDir()
	whole := start(t, folder, crossed...)
	if whole.status != exitDone {
		t.Fatalf("status %d: %s", whole.status, whole.errs)
	}
	temp := t.TempDir()
	cmd, _ := prepared(t, folder, crossed...)
	cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	measured := filepath.Join(temp, "bitcycle-compare-*", "quantizations", "*.json")
	for range 3000 {
		if len(written(t, measured)) > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err := cmd.Wait()
	before := written(t, measured)
	if err == nil || cmd.ProcessState.ExitCode() != exitInterrupted || len(before) == 0 || len(before) == 6 {
		t.Fatalf("interrupted: %v, %d of 6 methods measured: %s", err, len(before), errs.String())
	}
	_, more, ok := strings.Cut(errs.String(), "; to go on: bitcycle ")
	if !ok {
		t.Fatal(errs.String())
	}
	command, _, _ := strings.Cut(more, "\n")
	again := start(t, folder, strings.Fields(command)...)
	if again.status != exitDone || again.out != whole.out {
		t.Errorf("resumed: status %d, %s\n%s, want\n%s", again.status, again.errs, again.out, whole.out)
	}
	for path, when := range before {
		if now := written(t, path); now[path] != when {
			t.Errorf("%s was measured again", path)
		}
	}
	kept, _, _ := strings.Cut(command[strings.LastIndex(command, " ")+1:], "\n")
	report := start(t, folder, "report", kept, "--front", "--format", "csv")
	if report.status != exitDone || !strings.Contains(report.out, "\"uniform:w=") {
		t.Errorf("the folder as a sweep: status %d, %s%s", report.status, report.out, report.errs)
	}
}

// Nothing stays of a comparison that was not disturbed, and a second one finds what the
// first has measured.
func TestCompareLeavesNothing(t *testing.T) {
	temp, cache := t.TempDir(), t.TempDir()
	var outs []string
	for range 2 {
		cmd, _ := prepared(t, t.TempDir(), "compare", "-m", "gemmini-default", "-q", "uniform:w=4,a=4", "--images", "20", "--format", "csv", "--cache", cache)
		cmd.Env = append(os.Environ(), "TMPDIR="+temp)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, errs.String())
		}
		if known := strings.Contains(errs.String(), "1 of 1 points were known from other runs"); known != (len(outs) == 1) {
			t.Errorf("run %d: %s", len(outs), errs.String())
		}
		outs = append(outs, string(out))
	}
	if outs[0] != outs[1] {
		t.Errorf("first\n%s, then\n%s", outs[0], outs[1])
	}
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
