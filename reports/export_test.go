package reports

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func exported(t *testing.T, folder, name string) [][]string {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func column(t *testing.T, rows [][]string, key string) []string {
	t.Helper()
	at := slices.Index(rows[0], key)
	if at < 0 {
		t.Fatalf("no column %q among %v", key, rows[0])
	}
	var values []string
	for _, row := range rows[1:] {
		values = append(values, row[at])
	}
	return values
}

// Reports that are exported to one folder share its files: layers of a run and of a
// comparison stand under each other with the columns that tell them apart, and what is
// exported again takes its own place.
func TestExportsJoin(t *testing.T) {
	folder := t.TempDir()
	docs := documents()
	for _, name := range []string{"run", "compare", "run", "compare"} {
		if _, err := docs[name].Export(folder); err != nil {
			t.Fatal(err)
		}
	}
	rows := exported(t, folder, "layers.csv")
	if got := len(rows) - 1; got != 3+4*3 {
		t.Errorf("%d layers: 3 of the run and 3 of each of 4 entries are wanted", got)
	}
	if got := strings.Join(slices.Compact(slices.Sorted(slices.Values(column(t, rows, "machine")))), " "); got != "machine-one machine-two" {
		t.Errorf("machines %s", got)
	}
	for _, key := range []string{"machine", "set", "network", "method", "batch", "memory", "seed"} {
		if slices.Contains(column(t, rows, key), "") {
			t.Errorf("%s is empty in a row", key)
		}
	}
	for _, key := range []string{"batch", "seed", "cycles", "stall_compute_cycles", "latency_s", "energy_pj", "dram_read_bytes"} {
		for _, v := range column(t, rows, key) {
			if _, err := strconv.ParseFloat(v, 64); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
	}
	if totals := exported(t, folder, "totals.csv"); len(totals) != 2+4 || column(t, totals, "top1")[0] != "0.95" || column(t, totals, "cycles")[0] != "196768" {
		t.Errorf("totals: %v", totals)
	}
	if got := column(t, exported(t, folder, "compare.csv"), "best_latency"); strings.Join(got, " ") != "true false false false" {
		t.Errorf("best_latency: %v", got)
	}
}

// Columns that only one of two reports has are empty for the other.
func TestExportsUniteColumns(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct {
		machine, key string
		value        any
	}{{"a", "x", 1}, {"b", "y", 2}, {"a", "y", 3}} {
		doc := &Document{Identity: []Field{{"machine", c.machine}}, Tables: []*Table{{Name: "t", Columns: []Column{Number(c.key, "")}, Rows: [][]any{{c.value}}}}}
		if _, err := doc.Export(folder); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, "t.csv"))
	if want := "machine,x,y\nb,,2\na,,3\n"; err != nil || string(text) != want {
		t.Errorf("%v, %q, want %q", err, text, want)
	}
}

// What a comparison does not know of a layer stays as a run has told it, unless the
// layer is another one now.
func TestExportsKeepWhatIsKnown(t *testing.T) {
	folder := t.TempDir()
	for _, row := range [][]any{{10, 31.5}, {10, nil}, {11, nil}} {
		doc := &Document{Identity: []Field{{"machine", "a"}}, Tables: []*Table{{Name: "t", Columns: []Column{Number("cycles", ""), Number("sqnr_db", "")}, Rows: [][]any{row}}}}
		if _, err := doc.Export(folder); err != nil {
			t.Fatal(err)
		}
		want := "31.5"
		if row[0] == 11 {
			want = ""
		}
		if got := column(t, exported(t, folder, "t.csv"), "sqnr_db"); len(got) != 1 || got[0] != want {
			t.Errorf("after %v: sqnr_db %v, want %q", row, got, want)
		}
	}
}

func TestExportRejectsOtherFiles(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "files.csv"), []byte("a,b\n1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := documents()["check"].Export(folder); err == nil || !strings.Contains(err.Error(), "files.csv") {
		t.Errorf("%v", err)
	}
}

// The columns of layers in files are the keys of JSON.
func TestLayerColumnsAreJSONKeys(t *testing.T) {
	json := flatten(t, Result(costOfTwoLayers(), []float64{1, 2, 3}, nil).Layers[0])
	for _, c := range layerFields() {
		if !slices.Contains(json, c.Key) {
			t.Errorf("column %s is no key: %v", c.Key, json)
		}
	}
	if len(json) != len(layerFields()) {
		t.Errorf("%d keys, %d columns", len(json), len(layerFields()))
	}
}

func TestTableNames(t *testing.T) {
	d := &Document{Tables: []*Table{{Name: "layers"}, {Title: "Σ: a Table of 3 words, and so on"}, {Title: "µ"}, {Title: "µ"}}}
	if got := strings.Join(d.TableNames(), " "); got != "layers a-table-of-3-words-and table table-2" {
		t.Error(got)
	}
}
