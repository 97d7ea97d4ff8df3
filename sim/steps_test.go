package sim

import (
	"os/exec"
	"strings"
	"testing"
)

// steps is the inside of the cost model from the ground up: values flow from an op to
// its result one way, so a package imports those of earlier lines alone.
var steps = [][]string{
	{"internal/units", "internal/cost", "internal/schedule", "dram"},
	{"internal/layer", "internal/pipeline", "internal/calls"},                // an op's geometry · the clock of tiles · a product cut into calls
	{"internal/engine", "internal/chip", "internal/price", "internal/lines"}, // the array's time of a block · what is around it · pJ of events · the clock of calls
	{"internal/tiling"}, // a layer cut into tiles
	{"internal/memory"}, // the cost of a layer
	{"internal/energy"}, // pJ of a cost
	{""},                // the result
}

// apart stand beside the cost model: the twin shares no line with it, and simtest serves
// its tests.
var apart = []string{"stepped", "internal/simtest"}

func TestStepsRunDownward(t *testing.T) {
	const root = "bitcycle/sim"
	floor := map[string]int{}
	for i, line := range steps {
		for _, name := range line {
			floor[strings.TrimSuffix(root+"/"+name, "/")] = i
		}
	}
	beside := map[string]bool{}
	for _, name := range apart {
		beside[root+"/"+name] = true
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Fields(line)
		if strings.HasPrefix(words[0], root+"/sweep") {
			continue // a floor above
		}
		from, known := floor[words[0]]
		if !known && !beside[words[0]] {
			t.Errorf("%s has no place among the steps", words[0])
		}
		for _, imported := range words[1:] {
			if !strings.HasPrefix(imported, root) {
				continue
			}
			if to, ok := floor[imported]; !ok || to >= from || beside[words[0]] {
				t.Errorf("%s imports %s", words[0], imported)
			}
		}
	}
}
