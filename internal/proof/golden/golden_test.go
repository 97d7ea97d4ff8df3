package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/internal/proof"
	"bitcycle/internal/testdata"
)

// judged is a method's verdict on cases written out.
func judged(t *testing.T, name, cases string) []proof.Row {
	t.Helper()
	for i := range methods {
		if methods[i].name != name {
			continue
		}
		rows, err := methods[i].check(strings.NewReader(`{"paper": "` + name + `", "cases": [` + cases + `]}`))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	t.Fatalf("no method %s", name)
	return nil
}

// TestVectors: every case passes, and every operation has a case.
func TestVectors(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) []proof.Source{
		"shipped": func(t *testing.T) []proof.Source { return run(t, "") },
		"folder": func(t *testing.T) []proof.Source {
			return run(t, filepath.Dir(testdata.Golden(t, "methods")))
		},
	} {
		t.Run(name, func(t *testing.T) {
			sources := open(t)
			if len(sources) != len(methods) {
				t.Errorf("%d methods have vectors, want %d", len(sources), len(methods))
			}
			for i, s := range sources {
				met := map[string]bool{}
				for _, row := range s.Detail {
					met[row.What] = true
					if row.Verdict != proof.Passes {
						t.Errorf("%s: %s (%s): %s %s", s.Name, row.ID, row.What, row.Verdict, row.Note)
					}
				}
				for op := range methods[i].operations {
					if !met[op] {
						t.Errorf("%s: no case of %s", s.Name, op)
					}
				}
			}
		})
	}
}

func run(t *testing.T, dir string) []proof.Source {
	t.Helper()
	folder := Shipped()
	if dir != "" {
		folder = os.DirFS(dir)
	}
	sources, err := Run(folder)
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// A check that cannot fail is none: right cases are altered in every way that a
// comparison can notice.
func TestWrongVectorsFail(t *testing.T) {
	const right = `{"name": "a", "op": "msq", "params": {"K": 2, "step": 1}, "inputs": {"x": [0.2, -0.7]}, "outputs": {"q": [0.5, -0.5]}, "tol": 1e-12}`
	for _, tc := range []struct{ name, old, new, note string }{
		{"right", "", "", ""},
		{"other level", "-0.5]", "-1.5]", "output q[1] = -0.5, want -1.5"},
		{"other number", "-0.5]", "-0.500001]", "output q[1] = -0.5, want -0.500001"},
		{"too few", ", -0.5]", "]", "2 numbers, want 1"},
		{"unknown output", `"outputs": {`, `"outputs": {"z": 1, `, "output z was not compared"},
		{"unknown op", `"msq"`, `"msr"`, `op "msr": unknown`},
		{"no input", `"x"`, `"y"`, `input "x" is missing`},
		{"words", "0.2", `"0.2"`, "neither a number nor a list"},
		{"given twice", `"inputs": {`, `"inputs": {"K": 3, `, `"K" is given twice`},
		{"half an integer", `"K": 2`, `"K": 2.5`, "must be an integer"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			row := judged(t, "rff", strings.Replace(right, tc.old, tc.new, 1))[0]
			if (row.Verdict == proof.Passes) != (tc.note == "") || !strings.Contains(row.Note, tc.note) {
				t.Errorf("verdict %s, note %q; want note %q", row.Verdict, row.Note, tc.note)
			}
		})
	}
	for name, text := range map[string]string{
		"wrong integer":     `{"name": "c", "op": "code", "params": {"b": 3}, "inputs": {"x": [1]}, "outputs": {"codes": [2]}, "tol": 1}`,
		"wrong bound":       `{"name": "amax_steered", "tol": 1e-10, "input": {"psi": [0]}, "output": {"amax": [1.1]}}`,
		"wrong signal":      `{"name": "sd1_plain", "tol": 1e-10, "input": {"xbar": {"re": [0.5], "im": [0.5]}}, "output": {"x": {"re": [-1], "im": [1]}}}`,
		"above the optimum": `{"name": "slp_lp_optimum", "tol": 1e-6, "input": {"theta_deg": [10], "alpha": {"re": [1], "im": [0]}, "N": 4, "d_over_lambda": 0.25, "S": {"re": [[1, 3]], "im": [[-1, 1]]}, "sigma": [1], "qam_D": 2}, "output": {"optimum": 0.01}}`,
		"short of optimum":  `{"name": "slp_lp_optimum", "tol": 1e-6, "input": {"theta_deg": [10], "alpha": {"re": [1], "im": [0]}, "N": 4, "d_over_lambda": 0.25, "S": {"re": [[1, 3]], "im": [[-1, 1]]}, "sigma": [1], "qam_D": 2}, "output": {"optimum": 100}}`,
		"planes differ":     `{"name": "qam_detect", "tol": 1, "input": {"z": {"re": [1, 2], "im": [1]}}, "output": {}}`,
	} {
		method := "mimo"
		if strings.Contains(text, `"op"`) {
			method = "multipoint"
		}
		if row := judged(t, method, text)[0]; row.Verdict != proof.Fails || row.Note == "" {
			t.Errorf("%s: %s %q", name, row.Verdict, row.Note)
		}
	}
}

func TestFileErrors(t *testing.T) {
	for _, text := range []string{"", "{", `{"cases": []}`, `{"paper": "mimo", "cases": [{}]}`} {
		for i := range methods {
			if methods[i].name == "mimo" {
				continue
			}
			if _, err := methods[i].check(strings.NewReader(text)); err == nil {
				t.Errorf("%s: %q: no error", methods[i].name, text)
			}
		}
	}
}

func TestStepNames(t *testing.T) {
	for digits, want := range map[string]float64{"2": 2, "1": 1, "23": 2.0 / 3, "04": 0.4} {
		if got, err := stepOf(digits); got != want || err != nil {
			t.Errorf("step%s = %v, want %v; %v", digits, got, want, err)
		}
	}
	if _, err := stepOf("123"); err == nil {
		t.Error("step123: no error")
	}
}
