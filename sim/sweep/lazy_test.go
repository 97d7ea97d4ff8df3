package sweep

import (
	"testing"
)

const widths = `
[base]
network = "resnet8-glyphs"
data = "glyphs[:400]"
calib = "glyphs:calib[:32]"
[axes]
method = ["uniform"]
w = [1, 2, 4, 8]
a = [2, 4, 8]
machine = ["haq-bismo-edge", "gemmini-default"]
`

// Each distinct quantization is measured once, however many machines it meets, and
// measuring no more than the front needs gives the same front.
func TestLazyFindsTheSameFront(t *testing.T) {
	if testing.Short() {
		t.Skip("executes a network on thousands of images")
	}
	p, folder := planOf(t, widths), t.TempDir()
	if p.Len() != 24 || p.Quantizations() != 12 {
		t.Fatalf("%d points of %d quantizations, want 24 of 12", p.Len(), p.Quantizations())
	}
	whole, err := Run(t.Context(), p, mustOpen(t, folder+"/whole"), Local{2}, nil)
	if err != nil {
		t.Fatal(err)
	}
	share := 0.0
	lazy, err := Run(t.Context(), planOf(t, widths), mustOpen(t, folder+"/lazy"), Lazy{Local{2}, &share}, nil)
	if err != nil {
		t.Fatal(err)
	}
	unmeasured := 0
	for i := range whole.Len() {
		if whole.OnFront(i) != lazy.OnFront(i) {
			t.Errorf("point %v: on the front %t, lazily %t", p.Values(i), whole.OnFront(i), lazy.OnFront(i))
		}
		if lazy.Note(i) != "" {
			unmeasured++
			continue
		}
		for _, m := range whole.Metrics {
			if x, y := whole.Value(i, m), lazy.Value(i, m); x != y && x == x {
				t.Errorf("point %v: %s is %v, lazily %v", p.Values(i), Metrics[m].Key, x, y)
			}
		}
	}
	if unmeasured == 0 || share <= 0 || share >= 1 {
		t.Errorf("%d points not measured to the end, share %v", unmeasured, share)
	}
}

// Neighbours of one quantization stand side by side and have one measurement in their
// records.
func TestOneMeasurementAQuantization(t *testing.T) {
	p := planOf(t, widths)
	e := p.NewEvaluator()
	if end := p.groupEnd(0); end != 2 {
		t.Fatalf("the first quantization has %d points, want 2", end)
	}
	results, err := e.Span(t.Context(), Span{0, 2})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := results[0], results[1]; a.Right == "" || a.Right != b.Right || a.Values[latency] == b.Values[latency] || a.ID == b.ID {
		t.Errorf("%+v and %+v", a, b)
	}
	record, err := ParseRecord(results[0].AppendRecord(nil))
	if err != nil || record.ID != results[0].ID || record.Right != results[0].Right || record.Values[top1] != results[0].Values[top1] {
		t.Errorf("read back %+v, %v", record, err)
	}
}
