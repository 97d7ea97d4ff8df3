//go:build hostile && unix

package hostile

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// long is work that is killed and goes on.
type long struct {
	name   string
	args   string
	result string // file that must be the undisturbed one's
}

var longWork = []long{
	{"mimo", "mimo --snr 0:12:3 --blocks 100 --resume k.jsonl --json --out r.json", "r.json"},
	{"sweep", "sweep s.toml --no-cache --out points", "points/results.csv"},
	{"compare", "compare -q uniform:w=4,a=4 -q multipoint:tau=1 --images 100 --calib glyphs:calib[:32] --no-cache --resume kept --json --out r.json", "r.json"},
	{"bcgd", "quantize bcgd:epochs=5,data=glyphs:train[:128],checkpoint=c.safetensors --calib glyphs:calib[:32] --save q.onnx", "q.onnx"},
	{"reproduce lplr", "reproduce lplr --quick --resume parts --json --out r.json", "r.json"},
	{"reproduce autoq", "reproduce autoq --quick --resume parts --json --out r.json", "r.json"},
}

// killRounds is how often each is disturbed: BITCYCLE_ROUNDS, else 50.
func killRounds(t *testing.T) int {
	text := os.Getenv("BITCYCLE_ROUNDS")
	if text == "" {
		return 50
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestKilledWork kills long work at random moments, by a signal that nothing can catch or
// by one that is caught, and goes on until it ends: the result is the undisturbed one's.
func TestKilledWork(t *testing.T) {
	program := build(t)
	for i, w := range longWork {
		t.Run(w.name, func(t *testing.T) {
			whole := t.TempDir()
			plantSweep(t, whole)
			begin := time.Now()
			if o := plain(program, whole, w.args); o.ended != "result" {
				t.Fatalf("undisturbed: %s: %s", o.ended, o.said)
			}
			takes := time.Since(begin)
			want := content(t, filepath.Join(whole, w.result))
			r := rand.New(rand.NewPCG(1, uint64(i)))
			kills, rounds := 0, killRounds(t)
			for round := range rounds {
				folder := t.TempDir()
				plantSweep(t, folder)
				kills += disturb(t, r, program, folder, w.args, takes)
				if got := content(t, filepath.Join(folder, w.result)); !bytes.Equal(got, want) {
					t.Errorf("round %d: %s is another than the undisturbed one's", round, w.result)
				}
			}
			t.Logf("%d rounds with %d kills, %v undisturbed", rounds, kills, takes.Round(time.Millisecond))
		})
	}
}

// disturb kills a run one to three times and lets the next one end; it returns how many
// were killed.
func disturb(t *testing.T, r *rand.Rand, program, folder, args string, takes time.Duration) (kills int) {
	t.Helper()
	for range 1 + r.IntN(3) {
		signal := []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT}[r.IntN(3)]
		cmd := exec.Command(program, strings.Fields(args)...)
		cmd.Dir = folder
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(time.Duration(r.Float64()*float64(takes)), func() { cmd.Process.Signal(signal) })
		err := cmd.Wait()
		timer.Stop()
		if err == nil {
			return kills
		}
		status := cmd.ProcessState.Sys().(syscall.WaitStatus)
		// Before it listens, a signal ends the process.
		if !status.Signaled() && status.ExitStatus() != 130 {
			t.Errorf("signal %v: status %d: %s", signal, status.ExitStatus(), errs.String())
		}
		kills++
	}
	if o := plain(program, folder, args); o.ended != "result" {
		t.Errorf("going on: %s: %s", o.ended, o.said)
	}
	return kills
}

// plain runs the program without limits.
func plain(program, folder, args string) outcome {
	cmd := exec.Command(program, strings.Fields(args)...)
	cmd.Dir = folder
	var errs bytes.Buffer
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		return outcome{err.Error(), errs.String()}
	}
	return outcome{"result", errs.String()}
}

// content is a file, a document without its clock.
func content(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return nil
	}
	return timeless(t, b)
}

// timeless is a JSON document without what the clock had a part in; anything else stays.
func timeless(t *testing.T, b []byte) []byte {
	var document map[string]any
	if json.Unmarshal(b, &document) != nil {
		return b
	}
	delete(document, "wall_clock")
	b, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// plantSweep writes a sweep of some seconds.
func plantSweep(t *testing.T, folder string) {
	t.Helper()
	text := "name = \"s\"\n\n[base]\nnetwork = \"resnet8-glyphs\"\ndata = \"glyphs[:50]\"\ncalib = \"glyphs:calib[:16]\"\n\n[axes]\nmethod = [\"uniform\"]\nw = [2, 3, 4, 6, 8]\na = [4, 8]\nmachine = [\"haq-bismo-edge\", \"gemmini-default\"]\n\n[objectives]\nminimise = [\"latency_per_image_s\"]\nmaximise = [\"top1\"]\n"
	if err := os.WriteFile(filepath.Join(folder, "s.toml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestOneWriter runs two processes on one folder or file at once: one ends as alone, the
// other says who is writing, or comes so late that it finds all finished.
func TestOneWriter(t *testing.T) {
	program := build(t)
	for _, w := range longWork[:5] {
		whole := t.TempDir()
		plantSweep(t, whole)
		if o := plain(program, whole, w.args); o.ended != "result" {
			t.Fatalf("%s: %s: %s", w.name, o.ended, o.said)
		}
		want := content(t, filepath.Join(whole, w.result))
		refused := 0
		for round := range 10 {
			folder := t.TempDir()
			plantSweep(t, folder)
			second := make(chan outcome)
			go func() {
				time.Sleep(time.Duration(round) * 20 * time.Millisecond)
				second <- plain(program, folder, w.args)
			}()
			ends := []outcome{plain(program, folder, w.args), <-second}
			results := 0
			for _, o := range ends {
				switch {
				case o.ended == "result":
					results++
				case o.ended == "exit status 2" && strings.Contains(o.said, "is writing it"):
					refused++
				default:
					t.Errorf("%s, round %d: %s: %s", w.name, round, o.ended, o.said)
				}
			}
			if got := content(t, filepath.Join(folder, w.result)); results == 0 || !bytes.Equal(got, want) {
				t.Errorf("%s, round %d: %d results, or another one than alone", w.name, round, results)
			}
		}
		t.Logf("%s: 10 rounds, %d refused", w.name, refused)
	}
}

// TestNoRoom runs out of room for what it writes: status 1 and nothing that is half
// written, and what was there stays.
func TestNoRoom(t *testing.T) {
	program := build(t)
	for file, args := range map[string]string{
		"r.json": "run --images 20 --out r.json", "q.onnx": "quantize uniform:w=4,a=4 --calib glyphs:calib[:8] --save q.onnx",
		"c.html": "compare --images 20 --no-cache --html c.html --out c.csv", "m.json": "mimo --snr 5 --blocks 4 --out m.json",
	} {
		for _, blocks := range []int{0, 1, 4} { // of 512 bytes
			folder := t.TempDir()
			path := filepath.Join(folder, file)
			if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
			// SIGXFSZ is ignored, so that writing fails as on a full disk.
			cmd := exec.Command("sh", append([]string{"-c", "trap '' XFSZ; ulimit -f " + strconv.Itoa(blocks) + `; exec "$0" "$@"`, program}, strings.Fields(args)...)...)
			cmd.Dir = folder
			out, err := cmd.CombinedOutput()
			if err == nil || cmd.ProcessState.ExitCode() != 1 {
				t.Errorf("%s with %d blocks: %v\n%s", args, blocks, err, out)
			}
			if b, err := os.ReadFile(path); err != nil || string(b) != "old" {
				t.Errorf("%s with %d blocks: left %d bytes, %v", args, blocks, len(b), err)
			}
		}
	}
}

// TestNoPermission runs as another user in a folder of root.
func TestNoPermission(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root can become another user")
	}
	if _, err := exec.LookPath("setpriv"); err != nil {
		t.Skip("setpriv is not installed")
	}
	program := build(t)
	for dir := filepath.Dir(program); len(dir) > len(os.TempDir()); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	folder := t.TempDir()
	secret := filepath.Join(folder, "secret.toml")
	if err := os.WriteFile(secret, []byte("[[op]]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{
		"run -w secret.toml", "run --images 5 --out r.json", "quantize uniform --calib glyphs:calib[:8] --save r.toml",
		"sweep arrays --out points", "mimo --snr 5 --blocks 4 --resume k.jsonl",
	} {
		cmd := exec.Command("setpriv", append([]string{"--reuid=65534", "--regid=65534", "--clear-groups", program}, strings.Fields(args)...)...)
		cmd.Dir = folder
		out, _ := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != 2 || !strings.Contains(string(out), "permission denied") || strings.Contains(string(out), "goroutine ") {
			t.Errorf("%s: status %d: %s", args, code, out)
		}
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}
