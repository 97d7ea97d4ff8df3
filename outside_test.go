package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// outsideSays is what the program in testdata/outside prints.
const outsideSays = `product on mine takes 17648 cycles; a table of 6 lines
resnet8-glyphs on haq-bismo-edge takes 77670 cycles
resnet8-glyphs on multipoint-int8-array takes 65139 cycles
falling takes 4.49 bits a weight, more than 80 % of 100 images right: true
falling on haq-bismo-edge takes 165040 cycles
falling on haq-bismo-cloud takes 36966 cycles
ONNX keeps 22 nodes, and all widths: true
a black image has 20 scores, as the file orders them
of 64 products a cycle, [4 5 0 1] takes 24 cycles
two tiles take 50 cycles
elements that compose 2 bits take 3.3 times the area of fixed ones
sd r=1 K=1 λ=8 of 256 features takes 6746 cycles
sd-zf gets more than 98 % of 5120 symbols right: true
sigma-delta converters leave 8 bit/s/Hz
one-bit converters leave 7 bit/s/Hz
sd-zf-256 keeps up with its symbols: true
"ab abc" is 4 tokens, each followed by one of 264
`

// A program of another module builds against the public packages alone, needs no module
// that this one does not need, and its method passes the contract of methods.
func TestOutsideModule(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs a program")
	}
	folder := outsideModule(t)
	required := map[string]string{}
	for _, name := range []string{"go.mod", "go.sum"} {
		required[name] = read(t, filepath.Join(folder, name))
	}
	if got := runGo(t, folder, "run", "."); got != outsideSays {
		t.Errorf("the program says\n%s\nwant\n%s", got, outsideSays)
	}
	runGo(t, folder, "test", ".")
	for name, before := range required {
		if after := read(t, filepath.Join(folder, name)); after != before {
			t.Errorf("the program needs more than this module: %s was\n%s\nand is\n%s", name, before, after)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// outsideModule copies testdata/outside and gives it what "go mod tidy" would: the
// requirements and checksums of this module, which are all that it needs.
func outsideModule(t *testing.T) string {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join("testdata", "outside"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(read(t, name)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	runGo(t, folder, "mod", "edit", "-module=outside", "-require=bitcycle@v0.0.0", "-replace=bitcycle="+here)
	return folder
}

// runGo runs the go command in a folder and returns what it prints. What this module
// needs is looked up where it was for this module, in the cache as a rule.
func runGo(t *testing.T, folder string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s%s", strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}
