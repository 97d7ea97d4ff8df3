package reports

import (
	"fmt"

	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/learn"
)

// Features is the report of the encoded points of a file, and of a model trained on
// them if there is one.
func Features(o Origin, file string, e *rff.Encoding, h *learn.Holdout) *Document {
	t := &Table{Name: "features", Columns: []Column{
		Number("points", "points"), Number("dimensions", "dimensions").Ranked(10), Number("features", "features").Ranked(50),
		Number("bits_per_point", "bits/point").Ranked(Must), Significant("relative_kernel_error", "relative kernel error", 4).Ranked(Must),
		Significant("largest_state", "max |u|", 4).Ranked(30), Number("overloads", "overloads").Ranked(40),
	}}
	t.Add(e.Points, e.D, e.Features.M, e.Codes.BitsPerPoint(), e.KernelError, e.Diagnostics.Peak, e.Diagnostics.Overload)
	doc := &Document{
		Title:  fmt.Sprintf("%s by %s", file, e.Scheme),
		Tables: []*Table{t},
		Assumptions: []string{
			fmt.Sprintf("%s kernel, γ = %g; kernel error (Frobenius) over the first %d points; %s", e.Kernel, e.Gamma, e.Compared, o),
		},
		Identity: []Field{{"file", file}, {"scheme", e.Scheme.String()}, {"kernel", e.Kernel}, {"gamma", e.Gamma}, {"seed", o.Seed}},
	}
	if h != nil {
		doc.Tables = append(doc.Tables, holdoutTable(h))
	}
	return doc
}

func holdoutTable(h *learn.Holdout) *Table {
	t := &Table{Name: "learned", Title: h.About, Columns: []Column{
		Text("features", "features"), Number("dimensions", "dimensions"), Number("bits_per_point", "bits/point"), Scaled("score", h.Metric, 1, 4),
	}}
	for _, r := range h.Rows {
		t.Add(r.Features, r.Dim, r.BitsPerPoint, r.Score)
	}
	t.Notes = append(t.Notes, fmt.Sprintf("%d training and %d test points drawn at random", h.Train, h.Test))
	return t
}
