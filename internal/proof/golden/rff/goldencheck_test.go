package goldencheck

import (
	"os"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
)

func TestGoldenVectors(t *testing.T) {
	file, err := os.Open(testdata.Golden(t, "methods/rff.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := Check(file)
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for _, row := range rows {
		met[row.Kind] = true
		t.Logf("%-20s %-22s exact %-5v error %.1e of %.0e", row.ID, row.Kind, row.Exact, row.Error, row.Tolerance)
		if !row.Pass {
			t.Errorf("%s (%s): %s", row.ID, row.Kind, row.Note)
		}
	}
	for kind := range kinds {
		if !met[kind] {
			t.Errorf("no case of kind %s", kind)
		}
	}
}

// TestCheckNotices alters right cases in every way a comparison can fail.
func TestCheckNotices(t *testing.T) {
	const right = `{"name": "a", "op": "msq", "params": {"K": 2, "step": 1}, "inputs": {"x": [0.2, -0.7]}, "outputs": {"q": [0.5, -0.5]}, "tol": 1e-12}`
	for _, tc := range []struct{ name, old, new, note string }{
		{"right", "", "", ""},
		{"other level", "-0.5]", "-1.5]", "decisions or integers differ"},
		{"other number", "-0.5]", "-0.500001]", "above 1e-12"},
		{"too few", ", -0.5]", "]", "1 numbers, ours 2"},
		{"unknown output", `"outputs": {`, `"outputs": {"z": 1, `, `output "z": not understood`},
		{"unknown op", `"msq"`, `"msr"`, "unknown"},
		{"no input", `"x"`, `"y"`, "missing"},
		{"words", "0.2", `"0.2"`, "must be a number"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			rows, err := Check(strings.NewReader(`{"cases": [` + strings.Replace(right, tc.old, tc.new, 1) + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			if rows[0].Pass != (tc.note == "") || !strings.Contains(rows[0].Note, tc.note) {
				t.Errorf("got pass %v, note %q; want note %q", rows[0].Pass, rows[0].Note, tc.note)
			}
		})
	}
}

func TestCheckFileErrors(t *testing.T) {
	for _, text := range []string{"", "{", `{"cases": []}`, `{"paper": "mimo", "cases": [{}]}`} {
		if _, err := Check(strings.NewReader(text)); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}

func TestStepNames(t *testing.T) {
	for digits, want := range map[string]float64{"2": 2, "1": 1, "23": 2.0 / 3, "04": 0.4} {
		if got := digitsOf(digits); got != want {
			t.Errorf("step%s = %v, want %v", digits, got, want)
		}
	}
}
