//go:build unix

package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/internal/npy/npytest"
	"bitcycle/internal/testdata"
)

// TestHostileCases gives small files that once crashed or hung the program, or filled the
// memory, to what reads them.
func TestHostileCases(t *testing.T) {
	cases := filepath.Dir(testdata.Data(t, "../cases/hostile/README.md"))
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(cases)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args, want string
		lines      int
	}{
		{"quantize lplr --matrix nan.csv", "nan.csv:2: column 2", 1},
		{"quantize lplr --matrix nan.csv --rank 1", "nan.csv:2: column 2", 1},
		{"quantize lplr --matrix inf.csv", "inf.csv:2: column 2", 1},
		{"quantize lplr --matrix inf.csv --rank 1", "inf.csv:2: column 2", 1},
		{"check nan.lplr", "nan.lplr: lplr file of version 1", 1},
		{"quantize lplr --matrix n-oom.npy", "the file has", 1},
		{"quantize lplr --matrix n-huge.npy", "too large", 1},
		{"quantize lplr --matrix bomb1bit.png", "65000×65000 pixels", 1},
		{"check concat21.onnx", "memory bomb", 1},
		{"run -n concat21.onnx", "memory bomb", 1},
		{"run -q onnx:concat21.onnx", "memory bomb", 1},
		{"run -q onnx:pq.onnx", "input 1×8×8", 1},
		{"run -q onnx:allnan-fc.bias.onnx", `"fc.bias": value 0 is NaN`, 1},
		{"run -n allnan-fc.bias.onnx", `"fc.bias": value 0 is NaN`, 1},
		{"check allnan-fc.bias.onnx", `"fc.bias": value 0 is NaN`, 1},
		{"run -q onnx:allnan-fc.weight_scale.onnx", `"fc.weight_scale": value 0 is NaN`, 1},
		{"check allnan-fc.weight_scale.onnx", `"fc.weight_scale": value 0 is NaN`, 1},
		{"run -w big4.toml -m haq-bismo-cloud", "multiply-accumulates", 1},
		{"run -w big4.toml -m gemmini-default", "multiply-accumulates", 1},
		{"run -w conv3.toml -m haq-bismo-cloud", "multiply-accumulates", 1},
		{"run -w conv3.toml -m gemmini-default", "multiply-accumulates", 1},
		{"check esc.toml", `name = "x\u001B[31m"`, 2}, // two names, a line each
		{"mimo --resume two-writers.jsonl --snr 5 --blocks 4", "two-writers.jsonl:1: not a record", 1},
	} {
		refused(t, folder, c.lines, c.want, strings.Fields(c.args)...)
	}
	// A zero matrix has exact factors, and a byte order mark is no header.
	for args, want := range map[string]string{
		"quantize lplr --matrix n-zero.npy --json": `"relative_error": 0,`, "quantize lplr --matrix cbom.csv --json": `"rows": 20`, "quantize rff --table cbom.csv --json": `"points": 20`,
	} {
		if p := start(t, folder, strings.Fields(args)...); p.status != exitDone || !strings.Contains(p.out, want) {
			t.Errorf("%s: status %d, %s, %.2000s, want %s", args, p.status, p.errs, p.out, want)
		}
	}
}

// TestLimitsOfInput refuses by the limits that flags set, and reads what they raise.
func TestLimitsOfInput(t *testing.T) {
	folder := t.TempDir()
	workload := "[[op]]\nname = \"a\"\nkind = \"matmul\"\nm = 4\nk = 4\n" + strings.Repeat("# a comment\n", 100)
	for name, content := range map[string]string{"w.toml": workload, "deep/n.toml": "onnx = \"../n.onnx\"\n", "m.toml": "base = \"../" + filepath.Base(folder) + "/m2.toml\"\n", "m2.toml": "base = \"haq-bismo-edge\"\n"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, folder, 1, "--max-file document=SIZE raises it", "run", "-w", "w.toml", "--max-file", "document=1KiB")
	refused(t, folder, 1, "--max-file = \"picture=1\"", "run", "-w", "w.toml", "--max-file", "picture=1")
	refused(t, folder, 1, "--max-memory = \"much\"", "run", "-w", "w.toml", "--max-memory", "much")
	refused(t, folder, 1, "must be at least 16 MiB", "run", "--max-memory", "1MiB")
	large := npytest.File(t, make([]float32, 2100*2100), 2100, 2100)
	if err := os.WriteFile(filepath.Join(folder, "large.npy"), large, 0o644); err != nil {
		t.Fatal(err)
	}
	refused(t, folder, 1, "raise --max-memory", "quantize", "lplr", "--matrix", "large.npy", "--max-memory", "16MiB")
	refused(t, folder, 1, "--allow-outside", "check", "deep/n.toml")
	refused(t, folder, 1, "deep/n.toml:1:8: onnx = \"../n.onnx\": n.onnx: no such file", "check", "deep/n.toml", "--allow-outside")
	for _, args := range []string{"run -w w.toml --max-file document=2KiB --max-file 1MiB", "check m.toml"} {
		if p := start(t, folder, strings.Fields(args)...); p.status != exitDone {
			t.Errorf("%s: status %d: %s", args, p.status, p.errs)
		}
	}
}
