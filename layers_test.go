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
	{"bitcycle/internal/proof", 7}, // and TestProofIsAWing
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

// The product runs without its proofs: commands show them, and nothing else imports
// them. The tag noproof leaves those commands out, and all of the wing with them.
func TestProofIsAWing(t *testing.T) {
	const wing = "bitcycle/internal/proof"
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if from, _ := floorOf(words[0]); from == wing || from == "bitcycle/internal/cli" {
			continue
		}
		for _, imported := range words[1:] {
			if to, _ := floorOf(imported); to == wing {
				t.Errorf("%s imports %s", words[0], imported)
			}
		}
	}
	out, err = exec.Command("go", "list", "-tags=noproof", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for path := range strings.Lines(string(out)) {
		if to, _ := floorOf(strings.TrimSpace(path)); to == wing {
			t.Errorf("with the tag noproof the program has %s", path)
		}
	}
}

// The cost model sees shapes and widths alone: it links machines, their memory and
// the workload, and neither data nor arithmetic.
func TestCostModelLinksNoArithmetic(t *testing.T) {
	allowed := []string{
		"bitcycle/sim", "bitcycle/sim/dram", "bitcycle/sim/internal/*", "bitcycle/arch", "bitcycle/arch-configs",
		"bitcycle/kernels/workload", "bitcycle/internal/strict", "bitcycle/internal/files",
	}
	linksOnly(t, "bitcycle/sim", allowed)
}

// The waist stands on the ground: what runs a workload need not know who made it.
func TestWorkloadLinksHelpersAlone(t *testing.T) {
	linksOnly(t, "bitcycle/kernels/workload", []string{"bitcycle/kernels/workload", "bitcycle/internal/strict", "bitcycle/internal/files"})
}

// linksOnly reports what a package links of ours beyond a list of packages, in
// which a trailing /* stands for all packages below.
func linksOnly(t *testing.T, from string, allowed []string) {
	t.Helper()
	out, err := exec.Command("go", "list", "-deps", from).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, path := range strings.Fields(string(out)) {
		known := !strings.HasPrefix(path, "bitcycle")
		for _, a := range allowed {
			tree, below := strings.CutSuffix(a, "*")
			known = known || path == a || below && strings.HasPrefix(path, tree)
		}
		if !known {
			t.Errorf("%s links %s", from, path)
		}
	}
}
