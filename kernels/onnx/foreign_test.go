package onnx

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// readTable reads a table with tabs and a header, a map a line.
func readTable(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes = '\t', true
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, v := range line {
			row[lines[0][i]] = v
		}
		out = append(out, row)
	}
	return out
}

// costOf lowers a network at eight bits and returns the multiply-accumulates of
// a run with weights and of products of activations.
func costOf(m *Model) (weights, activations int64, w *workload.Workload) {
	var layers []workload.LayerWidths
	for _, n := range m.Net.Layers() {
		layers = append(layers, workload.LayerWidths{Name: m.Net.Nodes[n].Name, ActBits: 8, WeightBits: workload.Widths{8}})
	}
	w = kernels.LowerShape(m.Net, layers, true)
	for i := range w.Ops {
		if op := &w.Ops[i]; op.Dynamic {
			activations += op.MACs()
		} else {
			weights += op.MACs()
		}
	}
	return weights * int64(m.Images), activations * int64(m.Images), w
}

// chosenBranches gives the numbers that branches of models depend on.
var chosenBranches = map[string]map[string][]int64{"silero_vad": {"sr": {16000}}, "silero_vad_16k_op15": {"sr": {16000}}}

// Every model costs, and what it costs is what its operators multiply.
func TestForeignModels(t *testing.T) {
	dir := filepath.Dir(testdata.Data(t, "onnx/index.tsv"))
	inputs := map[string]map[string][]int64{}
	for _, row := range readTable(t, filepath.Join(dir, "inputs.tsv")) {
		if inputs[row["model"]] == nil {
			inputs[row["model"]] = map[string][]int64{}
		}
		dims := []int64{}
		if row["dims"] != "scalar" {
			for _, d := range strings.Split(row["dims"], "x") {
				v, err := strconv.ParseInt(d, 10, 64)
				if err != nil {
					continue
				}
				dims = append(dims, v)
			}
		}
		inputs[row["model"]][row["name"]] = dims
	}
	for _, row := range readTable(t, filepath.Join(dir, "index.tsv")) {
		name := strings.TrimSuffix(row["file"], ".onnx")
		t.Run(name, func(t *testing.T) {
			maps.Copy(inputs[name], chosenBranches[name])
			m, err := Open(filepath.Join(dir, row["file"]), Options{Inputs: inputs[name], Shapes: true})
			if err != nil {
				t.Fatal(err)
			}
			weights, activations, _ := costOf(m)
			for _, o := range m.Obstacles {
				t.Logf("%s; charged as %s", o, o.Charge)
			}
			for _, o := range m.Notes {
				t.Log(o)
			}
			w, a, r := row["macs"], row["macs_act_x_act"], row["macs_recurrent"]
			t.Logf("%d + %d, want %s %s %s", weights, activations, w, a, r)
			num := func(s string) int64 { v, _ := strconv.ParseInt(s, 10, 64); return v }
			if w == "-" { // nobody counted
				return
			}
			if weights != num(w)+num(r) || activations != num(a) {
				t.Errorf("%d and %d MACs, want %s + %s and %s", weights, activations, w, r, a)
			}
		})
	}
}
