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

	"bitcycle/internal/npy/npytest"
)

// Signals end what does not ask for them, too: a singular value decomposition, and
// reading. What was kept is said, and nothing half done stays.
func TestSignalsEndEveryStep(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	folder := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, 1400*1400)
	for i := range values {
		values[i] = float32(r.NormFloat64())
	}
	rows := strings.Repeat(strings.Repeat("0.12345,", 399)+"1\n", 30_000)
	for name, content := range map[string][]byte{"a.npy": npytest.File(t, values, 1400, 1400), "a.csv": []byte(rows)} {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		args    string
		after   time.Duration
		signals []syscall.Signal
		want    string
	}{
		{"quantize lplr --matrix a.npy --save a.lplr", time.Second, []syscall.Signal{syscall.SIGINT}, "interrupted"},
		{"quantize lplr --matrix a.npy --save a.lplr", time.Second, []syscall.Signal{syscall.SIGTERM, syscall.SIGINT}, "interrupted"},
		{"quantize rff --table a.csv", 300 * time.Millisecond, []syscall.Signal{syscall.SIGTERM}, "interrupted"},
		{"compare --no-cache --resume kept", 2 * time.Second, []syscall.Signal{syscall.SIGINT}, "to go on: bitcycle compare --no-cache --resume kept"},
		{"reproduce lplr --resume parts", 2 * time.Second, []syscall.Signal{syscall.SIGINT}, "to go on: bitcycle reproduce lplr --resume parts"},
	} {
		cmd, _ := prepared(t, folder, strings.Fields(c.args)...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(c.after)
		sent := time.Now()
		for _, signal := range c.signals {
			if err := cmd.Process.Signal(signal); err != nil {
				t.Errorf("%s: ended before the signal: %s", c.args, errs.String())
			}
			time.Sleep(10 * time.Millisecond)
		}
		_ = cmd.Wait()
		took := time.Since(sent)
		if cmd.ProcessState.ExitCode() != exitInterrupted || !strings.Contains(errs.String(), c.want) || took > 3*time.Second { // one second on a machine that is not busy
			t.Errorf("%s: status %d after %v: %s", c.args, cmd.ProcessState.ExitCode(), took, errs.String())
		}
	}
	left, err := filepath.Glob(filepath.Join(folder, "*.lock"))
	parts, _ := filepath.Glob(filepath.Join(folder, ".*.part"))
	if err != nil || len(left)+len(parts) > 0 {
		t.Errorf("left behind: %v %v", left, parts)
	}
}

func TestWithoutWorkers(t *testing.T) {
	for line, want := range map[string]string{
		"run -j 2 --json": "run --json", "run -j2 -m x": "run -m x", "run --workers=3": "run", "run --workers 3 -q float": "run -q float",
		"check -- -j": "check -- -j", "run -j": "run",
	} {
		if got := strings.Join(withoutWorkers(strings.Fields(line)), " "); got != want {
			t.Errorf("%q becomes %q, want %q", line, got, want)
		}
	}
}

// What is asked for beside a command is written, or its loss is told.
func TestNothingIsLostOnAFullDevice(t *testing.T) {
	for _, args := range []string{"list machines", "version", "--version", "--man", "--help", "run --help", "show haq-bismo-edge", "schema machine", "completion bash", "run -w resnet18 --json"} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Skip(err)
		}
		cmd, _ := prepared(t, t.TempDir(), strings.Fields(args)...)
		var errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = full, &errs
		_ = cmd.Run()
		full.Close()
		if cmd.ProcessState.ExitCode() != exitFailed || !strings.Contains(errs.String(), "no space left on device") || strings.Count(errs.String(), "\n") != 1 {
			t.Errorf("%s: status %d: %s", args, cmd.ProcessState.ExitCode(), errs.String())
		}
	}
}
