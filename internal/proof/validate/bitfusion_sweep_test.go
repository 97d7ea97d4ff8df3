package validate

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"bitcycle/internal/proof"
)

const sweepHead = "N,M,Max Precision (bits),Min Precision (bits),Network,Layer,Cycles,Memory wait cycles,Bandwidth (bits/cycle),WBUF Size (bits),OBUF Size (bits),IBUF Size (bits),Batch size\n"

// A row of the sweep makes its machine whole: no column of it is left to what the
// shipped machine has.
func TestSweepMachine(t *testing.T) {
	records, err := proof.ReadCSV(fstest.MapFS{"sweep.csv": {Data: []byte(sweepHead + "8,64,16,4,LSTM,matmul/MatMul,1,0,256,16384,8192,4096,2\n")}}, "sweep.csv")
	if err != nil {
		t.Fatal(err)
	}
	m, err := sweepMachine(records[0])
	if err != nil {
		t.Fatal(err)
	}
	if a := m.Array; a.Rows != 8 || a.Cols != 64 || a.NativeWeightBits != 16 || a.NativeActBits != 16 || !slices.Equal(a.WeightWidths, []int{4, 8, 16}) || !slices.Equal(a.ActWidths, a.WeightWidths) {
		t.Errorf("array %+v", a)
	}
	if b := m.Buffers; b.Weights.Bytes != 16384 || b.Outputs.Bytes != 8192 || b.Inputs.Bytes != 4096 {
		t.Errorf("buffers %+v", b)
	}
	if m.Batch != 2 || m.Memory.BitsPerCycle != 256 {
		t.Errorf("batch %d, %v bits per cycle", m.Batch, m.Memory.BitsPerCycle)
	}
	without, err := proof.ReadCSV(fstest.MapFS{"sweep.csv": {Data: []byte("N,M\n8,64\n")}}, "sweep.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sweepMachine(without[0]); err == nil || !strings.Contains(err.Error(), "sweep.csv:2: Min Precision (bits): no such column") {
		t.Errorf("without a column: %v", err)
	}
}

// A figure is as precise as the longest of its quantity: 9.3 stands for 9.30 beside 0.42.
func TestPublishedPrecision(t *testing.T) {
	const text = "id,accelerator,config,workload,metric,value,unit,kind,tolerance,status\n" +
		"1,A,,n,energy,9.3,mJ,,exact,CONFIRMED\n2,A,,n,energy,0.42,mJ,,20%,CONFIRMED\n3,A,,n,cycles,7,,,exact,CONFIRMED\n"
	list, err := readPublished(fstest.MapFS{"cycles/published.csv": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		got   float64
		exact bool
		holds string
	}{
		{9.2957, true, "passes"},
		{9.31, false, "fails"},
		{0.4165, true, "passes"},
		{0.41, false, "passes"},
		{7, true, "passes"},
		{7.2, false, "fails"},
	} {
		if r := list[i/2].row(c.got); r.Exact != c.exact || string(r.Verdict) != c.holds {
			t.Errorf("%v: %+v", c.got, r)
		}
	}
}
