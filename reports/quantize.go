package reports

import (
	"fmt"

	"bitcycle/kernels/train"
	"bitcycle/quantizers"
)

// Quantized is the report of a quantized network: widths and storage by layer, and the
// loss curve of a method that trained. basis says what the ranges come from.
func Quantized(o Origin, network, method, basis string, layers []quantizers.Storage, trained *Training) *Document {
	doc := &Document{
		Title:       network + ", " + method,
		Tables:      []*Table{storageTable(layers)},
		Assumptions: []string{fmt.Sprintf("%s; %s", basis, o)},
		Identity:    []Field{{"network", network}, {"method", method}, {"seed", o.Seed}},
	}
	if trained != nil {
		doc.Tables = append(doc.Tables, trained.table())
	}
	return doc
}

func storageTable(layers []quantizers.Storage) *Table {
	t := &Table{Name: "widths", Title: "widths and storage", Columns: []Column{
		Text("layer", "layer"), Number("rows", "rows"), Scaled("weight_bits_mean", "W", 1, 2), Number("act_bits", "A"), Number("weight_bytes", "weight bytes"),
	}}
	for _, l := range layers {
		t.Add(l.Layer, l.Channels, l.MeanBits, l.ActBits, l.Bytes)
	}
	return t
}

// Training is the loss curve of a method that trained.
type Training struct {
	Images      int
	Set         string // their name
	Resolutions []float64
	Epochs      train.History
}

func (r *Training) table() *Table {
	t := &Table{Name: "loss", Title: "loss curve", Columns: []Column{
		Number("epoch", "epoch"), Significant("rate", "rate at its end", 3),
		Significant("loss", "training loss", 4), Percent("top1", "training top-1 [%]", 2),
	}}
	for i, e := range r.Epochs {
		t.Add(i+1, e.Rate, e.Train.Loss(), e.Train.Top1())
	}
	t.Notes = append(t.Notes, fmt.Sprintf("on %d images of %s as augmented, while training; resolutions %.3g", r.Images, r.Set, r.Resolutions))
	return t
}
