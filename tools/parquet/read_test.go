// Package parquet holds the Parquet files of a sweep against its CSV, read by a program
// that shares nothing with the one that wrote them: hyparquet, in JavaScript. It is a
// module of its own, because it needs node and npm.
//
//	go test -C tools/parquet ./...
//
// What package-lock.json pins is installed into the cache of the user. Without node or npm
// the test is skipped; under CI=true an installation that fails is a failure.
package parquet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// reader returns the folder of the program that reads, which is installed unless it is
// there.
func reader(t *testing.T) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("hyparquet: %v", err)
		}
	}
	lacks := t.Skipf
	if os.Getenv("CI") == "true" {
		lacks = t.Fatalf
	}
	hash := sha256.New()
	content := map[string][]byte{}
	for _, name := range []string{"package.json", "package-lock.json", "read.js"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		content[name] = text
		hash.Write(text)
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		lacks("hyparquet: %v", err)
	}
	folder := filepath.Join(cache, "bitcycle", fmt.Sprintf("hyparquet-%x", hash.Sum(nil)[:8]))
	if _, err := os.Stat(filepath.Join(folder, "node_modules", "hyparquet", "package.json")); err == nil {
		return folder
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		lacks("hyparquet: %v", err)
	}
	for name, text := range content {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o644); err != nil {
			lacks("hyparquet: %v", err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	install := exec.CommandContext(ctx, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder)
	if out, err := install.CombinedOutput(); err != nil {
		lacks("hyparquet: %v\n%s", err, out)
	}
	return folder
}

// table is a Parquet file: text, numbers, truth, and "i" before whole numbers of 64 bits.
type table struct {
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

// read reads a Parquet file.
func read(t *testing.T, folder, path string) (out table) {
	t.Helper()
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "read.js", path)
	cmd.Dir = folder
	var errs bytes.Buffer
	cmd.Stderr = &errs
	text, err := cmd.Output()
	if err != nil {
		t.Fatalf("hyparquet: %v\n%s", err, errs.String())
	}
	in := json.NewDecoder(bytes.NewReader(text))
	in.UseNumber()
	if err := in.Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

// holds tells whether a value of Parquet is the cell of a CSV file.
func holds(cell string, v any) bool {
	switch v := v.(type) {
	case nil:
		return cell == ""
	case bool:
		return cell == strconv.FormatBool(v)
	case json.Number:
		x, errX := strconv.ParseFloat(cell, 64)
		y, errY := v.Float64()
		return errX == nil && errY == nil && x == y
	case string:
		whole, number := strings.CutPrefix(v, "i")
		return v == cell || number && whole == cell
	}
	return false
}

// program builds bitcycle.
func program(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bitcycle")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, ".")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// sweeps have, between them, keys of numbers, text and both, keys that a method does not
// have, points without figures, misses and measured accuracy.
var sweeps = map[string]string{
	"costs": `
[base]
workload = "tiny-autoencoder"
[axes]
machine = ["gemmini-default", "haq-bismo-edge"]
"array.rows" = [8, 16]
"buffers.inputs.bytes" = [32, "64KiB"]
"memory.bits_per_cycle" = [64, 96.5]
[objectives]
minimise = ["latency_per_image_s", "energy_per_image_pj", "area_mm2"]
[constraints]
latency_per_image_s = "<= 1e-5"
`,
	"accuracy": `
[base]
network = "resnet8-glyphs"
data = "glyphs[:64]"
calib = "glyphs:calib[:16]"
[axes]
machine = ["gemmini-default", "haq-bismo-edge"]
method = ["uniform", "float"]
w = [1, 4, 8]
`,
}

// Every value of results.parquet is that of results.csv, of the same column and row.
func TestResultsAreThoseOfCSV(t *testing.T) {
	folder, bitcycle := reader(t), program(t)
	for name, text := range sweeps {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			if err := os.WriteFile("s.toml", []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), bitcycle, "sweep", "s.toml", "--out", "out", "--layers", "--quiet").CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			file, err := os.Open("out/results.csv")
			if err != nil {
				t.Fatal(err)
			}
			rows, err := csv.NewReader(file).ReadAll()
			if err := errors.Join(err, file.Close()); err != nil {
				t.Fatal(err)
			}
			got := read(t, folder, "out/results.parquet")
			var want []string
			for _, column := range rows[0] {
				want = append(want, strings.ReplaceAll(column, ".", "_"))
			}
			if !slices.Equal(got.Columns, want) || len(got.Rows) != len(rows)-1 {
				t.Fatalf("%d rows of %q, want %d of %q", len(got.Rows), got.Columns, len(rows)-1, want)
			}
			nulls := 0
			for i, row := range rows[1:] {
				for k, cell := range row {
					if v := got.Rows[i][k]; !holds(cell, v) {
						t.Errorf("row %d, %s: %v, want %q", i, want[k], v, cell)
					} else if v == nil {
						nulls++
					}
				}
			}
			if nulls == 0 {
				t.Error("no value is missing: the test shows nothing of it")
			}
			sumUp(t, rows, read(t, folder, "out/layers.parquet"))
		})
	}
}

// sumUp holds the layers of every point against its totals: all that has figures has
// layers, whose cycles are those of the run, by cause too, and whose energies are too.
func sumUp(t *testing.T, rows [][]string, layers table) {
	t.Helper()
	type sums struct{ cycles, stalls, energy, components float64 }
	of := map[string]*sums{}
	for _, row := range layers.Rows {
		var s *sums
		for k, name := range layers.Columns {
			if name == "id" {
				id := row[k].(string)
				if s = of[id]; s == nil {
					s = &sums{}
					of[id] = s
				}
				continue
			}
			x, ok := figure(row[k])
			switch {
			case name == "cycles":
				s.cycles += x
			case strings.HasPrefix(name, "stall_"):
				s.stalls += x
			case name == "energy_pj":
				s.energy += x
			case strings.HasPrefix(name, "energy_"):
				s.components += x
			default:
				ok = true
			}
			if !ok {
				t.Fatalf("%s = %v: no number", name, row[k])
			}
		}
	}
	column := func(name string) int { return slices.Index(rows[0], name) }
	for _, row := range rows[1:] {
		s := of[row[column("id")]]
		if row[column("error")] != "" {
			if s != nil {
				t.Errorf("a point without figures has layers: %q", row)
			}
			continue
		}
		if s == nil {
			t.Fatalf("no layers of %q", row)
		}
		near := func(a float64, cell string) bool {
			b, err := strconv.ParseFloat(cell, 64)
			return err == nil && a > b*(1-1e-9) && a < b*(1+1e-9)
		}
		if !near(s.cycles, row[column("cycles_per_run")]) || s.stalls != s.cycles || !near(s.energy, row[column("energy_per_image_pj")]) || !near(s.components, row[column("energy_per_image_pj")]) {
			t.Errorf("layers come to %+v, the point is %q", *s, row)
		}
	}
	if len(of) == 0 {
		t.Error("no layers")
	}
}

// figure is a number of either kind.
func figure(v any) (float64, bool) {
	switch v := v.(type) {
	case json.Number:
		x, err := v.Float64()
		return x, err == nil
	case string:
		x, err := strconv.ParseFloat(strings.TrimPrefix(v, "i"), 64)
		return x, err == nil && strings.HasPrefix(v, "i")
	}
	return 0, false
}
