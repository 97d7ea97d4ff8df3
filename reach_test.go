package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// aside are packages that need not be reached: the wing that proves the product, and
// what serves tests and benchmarks alone.
func aside(path string) bool {
	return strings.HasPrefix(path, "bitcycle/internal/proof") || strings.HasSuffix(path, "test") ||
		slices.Contains([]string{"bitcycle/internal/testdata", "bitcycle/kernels/gemm/peak", "bitcycle/sim/internal/draw"}, path)
}

// serving are packages that serve the wing as well as the product.
func serving(path string) bool {
	return path == "bitcycle/reports" || strings.HasPrefix(path, "bitcycle/internal/")
}

// found are methods that the reader of TOML finds by reflection.
func found(method string) bool { return strings.HasSuffix(method, ".UnmarshalTOML") }

// TestNothingIsDead: every function of the product is reached by the program without its
// proof wing (the tag noproof), by a program that go generate runs, or by the program of
// another module in testdata/outside, which stands for all who use the public packages.
// A golden vector or an experiment that runs what nobody else runs proves nothing of the
// product: its code belongs to the wing. Deadcode counts methods of types that reflection
// may see as reached.
func TestNothingIsDead(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the program and its libraries twice")
	}
	tool := deadcode(t)
	folder := outsideModule(t)
	roots := append([]string{"-tags=noproof", "."}, programs(t)...)
	runGo(t, folder, append([]string{"list", "-deps"}, roots...)...) // completes its go.mod
	product, whole := reach(t, tool, folder, roots...), reach(t, tool, ".", ".")
	var dead []string
	for f := range product.dead {
		if !aside(f.path) && !(serving(f.path) && whole.reached(f)) && !found(f.name) {
			dead = append(dead, f.path+"."+f.name)
		}
	}
	for path := range strings.Lines(goList(t, ".", "./...")) {
		if path = strings.TrimSpace(path); !aside(path) && !product.loaded[path] {
			dead = append(dead, path)
		}
	}
	slices.Sort(dead)
	for _, name := range dead {
		t.Errorf("%s is reached by tests or proofs alone: use it, move it to them, or delete it", name)
	}
}

// function is a function of a package, a method with its receiver.
type function struct{ path, name string }

// reachable is what programs load, and what of it they cannot reach.
type reachable struct {
	loaded map[string]bool
	dead   map[function]bool
}

func (r *reachable) reached(f function) bool { return r.loaded[f.path] && !r.dead[f] }

// reach asks deadcode what the programs of a folder reach.
func reach(t *testing.T, tool, folder string, programs ...string) *reachable {
	t.Helper()
	r := &reachable{loaded: map[string]bool{}, dead: map[function]bool{}}
	for path := range strings.Lines(goList(t, folder, append([]string{"-deps"}, programs...)...)) {
		r.loaded[strings.TrimSpace(path)] = true
	}
	var packages []struct {
		Path  string
		Funcs []struct{ Name string }
	}
	if err := json.Unmarshal([]byte(run(t, folder, tool, append([]string{"-json", "-filter=^bitcycle"}, programs...)...)), &packages); err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		for _, f := range p.Funcs {
			r.dead[function{p.Path, f.Name}] = true
		}
	}
	return r
}

// deadcode builds the tool that tools/go.mod names.
func deadcode(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "deadcode")
	run(t, ".", "go", "build", "-modfile=tools/go.mod", "-o", path, "golang.org/x/tools/cmd/deadcode")
	return path
}

// programs are all commands of the module.
func programs(t *testing.T) []string {
	t.Helper()
	return strings.Fields(goList(t, ".", "-f", `{{if eq .Name "main"}}{{.ImportPath}}{{end}}`, "./..."))
}

func goList(t *testing.T, folder string, args ...string) string {
	t.Helper()
	return run(t, folder, "go", append([]string{"list"}, args...)...)
}

// run runs a command in a folder and returns what it prints.
func run(t *testing.T, folder, command string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), command, args...)
	c.Dir = folder
	c.Env = append(os.Environ(), "GOWORK=off")
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%.2000s", command, err, stderr.String())
	}
	return string(out)
}
