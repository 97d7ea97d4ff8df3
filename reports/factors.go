package reports

import (
	"fmt"

	"bitcycle/quantizers/lplr"
)

// Factors is the report of the compressed matrices of a file.
func Factors(o Origin, file string, matrices []*lplr.Compressed) *Document {
	t := &Table{Name: "factors", Columns: []Column{
		Text("matrix", "matrix").ID(), Number("rows", "rows").Ranked(30), Number("cols", "columns").Ranked(30), Text("basis", "basis").Ranked(20), Number("rank", "rank").Ranked(50),
		Number("bits_l", "bits L").Ranked(40), Number("bits_r", "bits R").Ranked(40), Scaled("bits_per_entry", "bits/entry", 1, 3).Ranked(Must), Scaled("relative_error", "relative error", 1, 4).Ranked(Must), Scaled("naive_error", "naive, same bits", 1, 4).Ranked(60),
	}}
	for _, m := range matrices {
		t.Add(m.Name, m.Rows, m.Cols, string(m.Basis), m.Rank, m.BitsL, m.BitsR, m.BitsPerEntry, m.RelativeError, m.NaiveError)
	}
	return &Document{
		Title:       "factors of " + file,
		Tables:      []*Table{t},
		Assumptions: []string{fmt.Sprintf("one min/max range a factor, nearest quantizers unless dithered; %s", o)},
		Identity:    []Field{{"file", file}, {"seed", o.Seed}},
	}
}
