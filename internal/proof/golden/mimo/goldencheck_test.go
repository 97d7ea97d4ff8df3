package goldencheck

import (
	"os"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
)

func TestGoldenVectors(t *testing.T) {
	file, err := os.Open(testdata.Golden(t, "methods/mimo.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := Check(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		t.Logf("%-24s exact %-5v error %.2g tolerance %.2g", row.ID, row.Exact, row.Error, row.Tolerance)
		if !row.Pass {
			t.Errorf("%s (%s): %s", row.ID, row.Kind, row.Note)
		}
	}
}

// A check that cannot fail is none: wrong vectors must be found.
func TestWrongVectorsFail(t *testing.T) {
	for name, text := range map[string]string{
		"wrong output":      `{"name": "amax_steered", "tol": 1e-10, "input": {"psi": [0]}, "output": {"amax": [1.1]}}`,
		"wrong signal":      `{"name": "sd1_plain", "tol": 1e-10, "input": {"xbar": {"re": [0.5], "im": [0.5]}}, "output": {"x": {"re": [-1], "im": [1]}}}`,
		"unknown kind":      `{"name": "sd3", "tol": 1, "input": {}, "output": {}}`,
		"unknown output":    `{"name": "amax_steered", "tol": 1, "input": {"psi": [0]}, "output": {"amax": [1], "other": 2}}`,
		"above the optimum": `{"name": "slp_lp_optimum", "tol": 1e-6, "input": {"theta_deg": [10], "alpha": {"re": [1], "im": [0]}, "N": 4, "d_over_lambda": 0.25, "S": {"re": [[1, 3]], "im": [[-1, 1]]}, "sigma": [1], "qam_D": 2}, "output": {"optimum": 0.01}}`,
	} {
		rows, err := Check(strings.NewReader(`{"paper": "mimo", "format": "", "cases": [` + text + `]}`))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if rows[0].Pass {
			t.Errorf("%s: passes", name)
		}
	}
}
