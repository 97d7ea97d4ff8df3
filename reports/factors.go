package reports

import (
	"fmt"

	"bitcycle/quantizers/lplr"
)

// Factors is the report of the compressed matrices of a file.
func Factors(o Origin, file string, matrices []*lplr.Compressed) *Document {
	t := &Table{Title: "factors of " + file, Columns: []Column{
		Text("matrix", "matrix"), Number("rows", "rows"), Number("cols", "columns"), Text("basis", "basis"), Number("rank", "rank"),
		Text("widths", "widths"), Scaled("bits_per_entry", "bits/entry", 1, 3), Scaled("relative_error", "relative error", 1, 4), Scaled("naive_error", "naive, same bits", 1, 4),
	}}
	for _, m := range matrices {
		t.Add(m.Name, m.Rows, m.Cols, string(m.Basis), m.Rank, fmt.Sprintf("%d/%d", m.BitsL, m.BitsR), m.BitsPerEntry, m.RelativeError, m.NaiveError)
	}
	return &Document{Tables: []*Table{t}, Assumptions: []string{fmt.Sprintf("one min/max range a factor, nearest quantizers unless dithered; %s", o)}}
}
