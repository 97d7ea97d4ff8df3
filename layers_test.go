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
	{"bitcycle/internal/golden", -1},
	{"bitcycle/internal/testdata", 0},
	{"bitcycle/internal/cli", 6},
	{"bitcycle/internal/reproduce", 5},
	{"bitcycle/internal/evaluate", 4},
	{"bitcycle/internal/", 4},
	{"bitcycle/reports", 4},
	{"bitcycle/sim/sweep", 4},
	{"bitcycle/sim", 3},
	{"bitcycle/quantizers", 2},
	{"bitcycle/mimo", 2},
	{"bitcycle/kernels", 1},
	{"bitcycle/arch-configs", 0},
	{"bitcycle/arch", 1},
	{"bitcycle", 7},
}

// oneWay lists edges that stay on one floor: importer → imported.
var oneWay = map[string]string{
	"bitcycle/reports": "bitcycle/internal/evaluate", // reports render outcomes
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
			if toFloor > fromFloor || toFloor == fromFloor && !sameRoom && oneWay[from] != to {
				t.Errorf("%s (floor %d) imports %s (floor %d)", words[0], fromFloor, imported, toFloor)
			}
		}
	}
}
