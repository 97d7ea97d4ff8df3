package main

import (
	"os/exec"
	"strings"
	"testing"
)

// floors is the house plan: a package may import packages of lower floors and,
// as a subpackage, its parents and siblings.
var floors = []struct {
	prefix string
	floor  int
}{
	{"bitcycle/internal/cli", 8},
	{"bitcycle/internal/proof", 7},
	{"bitcycle/reports", 6},
	{"bitcycle/sim/sweep", 5},
	{"bitcycle/evaluate", 4},
	{"bitcycle/sim", 3},
	{"bitcycle/quantizers", 2},
	{"bitcycle/mimo", 2},
	{"bitcycle/kernels/workload", 0},
	{"bitcycle/kernels", 1},
	{"bitcycle/arch-configs", 0},
	{"bitcycle/arch", 1},
	{"bitcycle/internal", -1}, // the cellar: readers, files, statistics
	{"bitcycle", 9},
}

func floorOf(path string) (prefix string, floor int) {
	for _, f := range floors {
		if path == f.prefix || strings.HasPrefix(path, strings.TrimSuffix(f.prefix, "/")+"/") {
			return f.prefix, f.floor
		}
	}
	return "", -2
}

func TestImportsRunDownward(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		words := strings.Fields(line)
		from, fromFloor := floorOf(words[0])
		if fromFloor < -1 {
			t.Errorf("%s has no floor", words[0])
		}
		for _, imported := range words[1:] {
			if !strings.HasPrefix(imported, "bitcycle") {
				continue
			}
			to, toFloor := floorOf(imported)
			sameRoom := from == to
			if toFloor > fromFloor || toFloor == fromFloor && !sameRoom {
				t.Errorf("%s (floor %d) imports %s (floor %d)", words[0], fromFloor, imported, toFloor)
			}
		}
	}
}
