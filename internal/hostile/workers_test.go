//go:build hostile && unix

package hostile

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// everyCommand are commands with results, each of some seconds.
var everyCommand = []string{
	"run --images 40", "run -q multipoint:tau=1 --images 20", "run -w w.toml -m gemmini-default", "run -w w.csv -m small.toml --stepped",
	"quantize uniform:w=4,a=4 --calib glyphs:calib[:32] --save OUT.onnx", "quantize multipoint:w=3,a=8 --calib glyphs:calib[:32] --save OUT.toml",
	"quantize autoq:algo=aware,budget=0.5 --calib glyphs:calib[:32] --save OUT.toml",
	"quantize bcgd:epochs=1,data=glyphs:train[:128] --calib glyphs:calib[:32] --save OUT.onnx",
	"quantize lplr --matrix a.npy --save OUT.lplr", "quantize rff:m=64 --table t.csv --save OUT.bcrf",
	"compare -q uniform:w=4,a=4 -q multipoint:tau=1 --images 40 --no-cache", "mimo --snr 0:8:4 --blocks 16",
	"sweep s.toml --no-cache --out points", "lut -n n.onnx", "sensitivity --images 40", "list machines", "show haq-bismo-edge", "check w.toml n.onnx a.lplr",
	"schema machine", "report r.json", "validate",
	"reproduce autoq --quick", "reproduce bcgd --quick", "reproduce lplr --quick", "reproduce mimo --quick", "reproduce multipoint --quick", "reproduce rff --quick",
}

// TestWorkersDoNotMatter runs every command with one worker and with two: what is printed
// and what is saved is equal to the byte, but for the clock.
func TestWorkersDoNotMatter(t *testing.T) {
	program := build(t)
	for _, args := range everyCommand {
		t.Run(args, func(t *testing.T) {
			one, two := withWorkers(t, program, args, "1"), withWorkers(t, program, args, "2")
			for name, content := range one {
				if !bytes.Equal(content, two[name]) {
					t.Errorf("%s: %d bytes with one worker, %d others with two", name, len(content), len(two[name]))
				}
			}
			if len(one) != len(two) || len(one["stdout"]) == 0 {
				t.Errorf("%d files with one worker, %d with two", len(one), len(two))
			}
		})
	}
}

// withWorkers returns what a run prints and saves.
func withWorkers(t *testing.T, program, args, workers string) map[string][]byte {
	t.Helper()
	folder := t.TempDir()
	plant(t, program, folder)
	args = strings.ReplaceAll(args, "OUT", "out/a")
	if err := os.Mkdir(filepath.Join(folder, "out"), 0o755); err != nil {
		t.Fatal(err)
	}
	words := append(strings.Fields(args), "-j", workers)
	if verb := words[0]; verb != "show" && verb != "schema" {
		words = append(words, "--json")
	}
	cmd := exec.Command(program, words...)
	cmd.Dir = folder
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && cmd.ProcessState.ExitCode() != 1 { // a claim that does not hold
		t.Fatalf("%v: %s", err, errs.String())
	}
	results := map[string][]byte{"stdout": timeless(t, out.Bytes())}
	saved, err := filepath.Glob(filepath.Join(folder, "out/*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(saved, filepath.Join(folder, "points", "results.csv")) {
		if b, err := os.ReadFile(path); err == nil {
			results[filepath.Base(path)] = b
		}
	}
	return results
}
