package sweep

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const factsText = `machine,workload,w,latency_per_image_s,energy_per_image_pj,source
m,net,8,0.002,4e6,one
m,net,8,0.004,,two
m,,,0.1,,three
`

func TestFacts(t *testing.T) {
	f, err := parseFacts("f.csv", factsText)
	if err != nil {
		t.Fatal(err)
	}
	at := func(machine, workload, w string) func(string) string {
		values := map[string]string{"machine": machine, "workload": workload, "w": w}
		return func(key string) string { return values[key] }
	}
	values, rows, source := f.of(at("m", "net", "8.0"))
	if math.Abs(values[0]-0.106/3) > 1e-15 || values[1] != 4e6 || rows != 3 || source != "one; two; three" {
		t.Errorf("%v, %d rows, %q", values, rows, source)
	}
	if values, rows, source = f.of(at("m", "net", "4")); values[0] != 0.1 || !math.IsNaN(values[1]) || rows != 1 || source != "three" {
		t.Errorf("at 4 bits: %v, %d rows, %q", values, rows, source)
	}
	if _, rows, _ = f.of(at("n", "net", "8")); rows != 0 {
		t.Errorf("on another machine: %d rows", rows)
	}
}

func TestFactsThatAreWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "f.csv: no header of columns",
		"machine,source\n":                   "f.csv:1: no column of a figure: want one of latency_per_image_s, ",
		"machine,machine,cycles_per_run\n":   "f.csv:1: machine: given twice",
		"machine,,cycles_per_run\n":          "f.csv:1: column 2 has no name",
		"machine,cycles_per_run\nm,0\n":      `f.csv:2: cycles_per_run = "0": want a number above 0, or nothing`,
		"machine,cycles_per_run\nm,1\nm,x\n": `f.csv:3: cycles_per_run = "x": want a number above 0, or nothing`,
		"machine,cycles_per_run\nm\n":        "f.csv: record on line 2: wrong number of fields",
	} {
		if _, err := parseFacts("f.csv", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// A sweep with measured figures has them, the kernel and the room beside its points, in
// its file and after reading it.
func TestBeside(t *testing.T) {
	folder := t.TempDir()
	facts := filepath.Join(folder, "mine.csv")
	if err := os.WriteFile(facts, []byte("machine,w,latency_per_image_s,source\ngemmini-default,8,0.5,a stop watch\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	text := "measured = \"mine.csv\"\n[base]\nworkload = \"tiny-autoencoder\"\nmethod = \"uniform\"\n[axes]\nmachine = [\"gemmini-default\", \"haq-bismo-edge\"]\nw = [8, 4]\n"
	spec, err := Parse(filepath.Join(folder, "s.toml"), []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := spec.Plan(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	table, err := Run(t.Context(), plan, mustOpen(t, filepath.Join(folder, "out")), Local{1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.FindBeside(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := table.Beside(0)
	if b.Measured[0] != 0.5 || b.Rows != 1 || b.Source != "a stop watch" || b.Kernel != "" || !strings.HasPrefix(b.Fit, "spills") || !strings.Contains(b.Room, "of 256 KiB") {
		t.Errorf("8 bits: %+v", b)
	}
	if b := table.Beside(1); b.Rows != 0 || b.Kernel != "8-bit kernel" {
		t.Errorf("4 bits: %+v", b)
	}
	if b := table.Beside(3); b.Rows != 0 || b.Kernel != "" {
		t.Errorf("4 bits in serial: %+v", b)
	}
	var written, again, toml bytes.Buffer
	if err := table.WriteCSV(&written); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(written.String(), ",note,measured_latency_per_image_s,measured_rows,measured_source,kernel,fit,room,energy_source\n") {
		t.Error(written.String())
	}
	read, err := readTable(spec, &written)
	if err != nil {
		t.Fatal(err)
	}
	if read, err = read.Where([]Condition{{name: "w", op: "==", value: "8"}}); err != nil || read.Len() != 2 || read.Beside(0).Source != "a stop watch" {
		t.Fatalf("%v, %v", read, err)
	}
	if err := read.WriteCSV(&again); err != nil || !strings.Contains(again.String(), ",0.5,1,a stop watch,,") {
		t.Error(again.String(), err)
	}
	if err := spec.Write(&toml); err != nil || !strings.Contains(toml.String(), "measured = \""+facts+"\"") {
		t.Error(toml.String(), err)
	}
	plain := *spec
	plain.Measured = ""
	if other, err := plain.Plan(t.Context(), Options{}); err != nil || other.Hash() == plan.Hash() || other.FolderHash() != plan.FolderHash() {
		t.Errorf("with and without: %v", err)
	}
	for name, want := range map[string]string{"none": `no measured figures "none": want a CSV file or one of mlperf-tiny`, filepath.Join(folder, "no.csv"): "no such file", "mlperf-tiny": "mlperf-tiny.csv:1: workload: no key"} {
		plain.Measured = name
		plain.Base.Settings = map[string]string{"network": "resnet20"}
		if _, err := plain.Plan(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
