package reports

import (
	"fmt"

	"bitcycle/evaluate"
)

// Sensitivity is the report of what a network loses when one layer is narrower.
func Sensitivity(o Origin, s *evaluate.Sensitivity, images Images) *Document {
	worst := s.Rows[0]
	for _, r := range s.Rows {
		if r.Drop > worst.Drop {
			worst = r
		}
	}
	return &Document{
		Title: fmt.Sprintf("%s: what one narrower layer loses, all others at %d bits", s.Network, s.Bits),
		Answer: []string{
			fmt.Sprintf("top-1 %.2f %% with all layers at %d bits (float %.2f %%) on %d images", 100*s.Reference.Top1, s.Bits, 100*s.Reference.FloatTop1, s.Images),
			fmt.Sprintf("most is lost by %s of %s at %s: %.2f points, 95 %% interval %.2f to %.2f", worst.Operand, worst.Layer, bitsOf(worst.Bits), 100*worst.Drop, 100*worst.DropCI[0], 100*worst.DropCI[1]),
		},
		Tables: []*Table{sensitivityTable(s)},
		Charts: sensitivityCharts(),
		Assumptions: append(provenance(o, images, evaluate.Integers(nil)),
			"intervals of what is lost are of the same images in pairs (Newcombe 1998); SQNR on the first 16 of them at most",
		),
		Identity: []Field{{"network", s.Network}, {"bits", s.Bits}, {"images", s.Images}, {"seed", o.Seed}},
	}
}

func bitsOf(n int) string {
	if n == 1 {
		return "1 bit"
	}
	return fmt.Sprintf("%d bits", n)
}

func sensitivityTable(s *evaluate.Sensitivity) *Table {
	t := &Table{Name: "sensitivity", Title: "top-1 and SQNR by layer and width", Columns: []Column{
		Text("layer", "layer").Ranked(Must).ID(), Text("operand", "operand").Ranked(Must).ID(), Number("bits", "bits").Ranked(Must).ID(),
		Percent("top1", "top-1 [%]", 2).Ranked(Must), Percent("drop", "lost [%]", 2).Ranked(Must), Percent("drop_ci95_low", "from", 2).Ranked(60), Percent("drop_ci95_high", "to", 2).Ranked(60),
		Scaled("layer_sqnr_db", "SQNR of layer [dB]", 1, 1).Ranked(70), Scaled("output_sqnr_db", "SQNR of output [dB]", 1, 1).Ranked(50), Text("curve", ""),
	}}
	for _, r := range s.Rows {
		t.Add(r.Layer, r.Operand, r.Bits, r.Accuracy.Top1, r.Drop, r.DropCI[0], r.DropCI[1], finite(r.LayerSQNR), finite(r.OutputSQNR), r.Layer+", "+r.Operand)
	}
	t.hide("curve")
	return t
}

// sensitivityCharts have a line for each operand of each layer.
func sensitivityCharts() []Chart {
	bits := Axis{Key: "bits", Name: "bits", Unit: 1}
	return []Chart{
		{
			Kind: "curves", Title: "Top-1 lost", Note: "one layer narrower, all others as they are", Table: "sensitivity", Label: []string{"layer", "operand"}, Groups: []string{"curve"},
			Axes: []Axis{bits, {Key: "drop", Name: "points", Unit: 0.01, Low: "drop_ci95_low", High: "drop_ci95_high"}},
		},
		{
			Kind: "curves", Title: "SQNR of the layer's output", Table: "sensitivity", Label: []string{"layer", "operand"}, Groups: []string{"curve"},
			Axes: []Axis{bits, {Key: "layer_sqnr_db", Name: "dB", Unit: 1}},
		},
	}
}
