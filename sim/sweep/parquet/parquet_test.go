package parquet

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"bitcycle/sim"
	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/store"
)

// What is read back is what the table says: numbers as numbers, what is missing as null.
func TestWriteIsTheTable(t *testing.T) {
	s, err := sweep.Parse("x.toml", []byte("[base]\nmachine = \"gemmini-default\"\nworkload = \"tiny-autoencoder\"\n[axes]\n\"array.rows\" = [8, 16]\n\"buffers.inputs.bytes\" = [32, \"64KiB\"]\n\"memory.bits_per_cycle\" = [64, 96.5]\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := s.Plan(t.Context(), sweep.Options{})
	if err != nil {
		t.Fatal(err)
	}
	folder, err := store.Open(t.TempDir() + "/x")
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	table, err := sweep.Run(t.Context(), p, folder, sweep.Local{Workers: 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out, again bytes.Buffer
	if err := Write(&out, table); err != nil {
		t.Fatal(err)
	}
	if err := Write(&again, table); err != nil || !bytes.Equal(out.Bytes(), again.Bytes()) {
		t.Errorf("two files of one table differ, %v", err)
	}
	type row struct {
		ID      string   `parquet:"id"`
		Rows    *int64   `parquet:"array_rows,optional"`
		Bytes   *string  `parquet:"buffers_inputs_bytes,optional,dict"`
		Bits    *float64 `parquet:"memory_bits_per_cycle,optional"`
		Latency *float64 `parquet:"latency_per_image_s,optional"`
		Front   bool     `parquet:"on_front"`
		Error   *string  `parquet:"error,optional,dict"`
	}
	rows, err := parquet.Read[row](bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil || len(rows) != 8 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	latency := -1
	for _, m := range table.Metrics {
		if sweep.Metrics[m].Key == "latency_per_image_s" {
			latency = m
		}
	}
	for i, r := range rows {
		values := table.Values(i)
		fails := values[1] == "32"
		if r.ID != table.ID(i).String() || r.Rows == nil || r.Bytes == nil || *r.Bytes != values[1] || r.Bits == nil || r.Front != table.OnFront(i) {
			t.Errorf("row %d is %+v, want %v", i, r, values)
		}
		if fails != (r.Error != nil) || fails != (r.Latency == nil) || !fails && *r.Latency != table.Value(i, latency) || fails && !strings.Contains(*r.Error, "does not fit") {
			t.Errorf("row %d: latency %v, error %v", i, r.Latency, r.Error)
		}
	}
}

// A layer's row has a column for each cause of its cycles and each part of its energy.
func TestRowsHoldEveryPart(t *testing.T) {
	var l sim.Layer
	fill(reflect.ValueOf(&l.Stalls).Elem())
	fill(reflect.ValueOf(&l.Energy).Elem())
	row := reflect.ValueOf(rowOf("", 0, &l))
	var cycles int64
	var pj float64
	for i := range row.NumField() {
		name, _, _ := strings.Cut(row.Type().Field(i).Tag.Get("parquet"), ",")
		switch {
		case strings.HasPrefix(name, "stall_"):
			cycles += row.Field(i).Int()
		case strings.HasPrefix(name, "energy_") && name != "energy_pj":
			pj += row.Field(i).Float()
		}
	}
	if cycles != l.Stalls.Total() || pj != l.Energy.Total() {
		t.Errorf("a row has %d of %d cycles and %v of %v pJ", cycles, l.Stalls.Total(), pj, l.Energy.Total())
	}
}

// fill sets each field to a power of two of its own.
func fill(v reflect.Value) {
	for i := range v.NumField() {
		if f := v.Field(i); f.CanInt() {
			f.SetInt(1 << i)
		} else {
			f.SetFloat(float64(int(1) << i))
		}
	}
}
