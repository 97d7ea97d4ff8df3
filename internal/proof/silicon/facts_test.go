package silicon

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"testing"

	"bitcycle/internal/proof/golden"
	"bitcycle/internal/testdata"
)

// TestTinyFacts holds the facts that the sweep mlperf-tiny stands beside its figures to
// the rows that ship, each with its machine:
//
//	go test ./internal/proof/silicon -run TinyFacts -update
func TestTinyFacts(t *testing.T) {
	rows, err := Read(golden.Shipped(), tiny.File)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := csv.NewWriter(&b)
	write := func(cells ...string) {
		if err := out.Write(cells); err != nil {
			t.Fatal(err)
		}
	}
	write("machine", "workload", "w", "latency_per_image_s", "energy_per_image_pj", "source")
	for _, r := range rows {
		m, err := tinyMachineOf(r)
		network := tinyNetworks[r.Text("network")]
		if err != nil || r.Text("modelled") == "no" || r.Text("precision") != "int8" || network == "" {
			continue
		}
		energy := ""
		if r.Has("uJ_per_inf") {
			energy = significant(r.Number("uJ_per_inf") * 1e6)
		}
		write(m.machine, network, "8", significant(1/r.Number("inf_per_s")), energy, r.Text("id")+", "+r.Text("source")+", "+r.Text("system")+", "+r.Text("software"))
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
	}
	out.Flush()
	testdata.Text(t, "../../../arch-configs/measured/mlperf-tiny.csv", b.Bytes(), *update)
}

// significant has more digits than any row.
func significant(x float64) string { return strconv.FormatFloat(x, 'g', 8, 64) }
