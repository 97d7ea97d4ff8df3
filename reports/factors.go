package reports

import (
	"fmt"

	"bitcycle/quantizers/lplr"
)

// Factors is the report of the compressed matrices of a file.
func Factors(o Origin, file string, matrices []*lplr.Compressed) *Document {
	t := &Table{Name: "factors", Columns: []Column{
		Text("matrix", "matrix").ID(), Number("rows", "rows").Ranked(30), Number("cols", "columns").Ranked(30), Text("basis", "basis").Ranked(20), Number("rank", "rank").Ranked(50),
		Number("bits_l", "bits L").Ranked(40), Number("bits_r", "bits R").Ranked(40), Scaled("bits_per_entry", "bits/entry", 1, 3).Ranked(Must), Scaled("relative_error", "relative error", 1, 4).Ranked(Must), Scaled("naive_error", "naive, same bits", 1, 4).Ranked(10),
		Number("rounds", "rounds").Ranked(35), Scaled("scalar_error", "scalar error", 1, 4).Ranked(80), Scaled("scalar_bits_per_entry", "scalar bits", 1, 3).Ranked(60), Text("scalar", "scalar").Ranked(70),
	}}
	var summary []string
	for _, m := range matrices {
		var e, bits any
		if s := m.Scalar; s.Name != "" {
			e, bits = s.Error, s.BitsPerEntry
			if s.Error < m.RelativeError {
				summary = append(summary, fmt.Sprintf("%s: %s, a quantizer of single entries, is better: error %.4f with %.3f bits/entry, factors %.4f with %.3f", m.Name, s.Name, s.Error, s.BitsPerEntry, m.RelativeError, m.BitsPerEntry))
			}
		}
		t.Add(m.Name, m.Rows, m.Cols, string(m.Basis), m.Rank, m.BitsL, m.BitsR, m.BitsPerEntry, m.RelativeError, m.NaiveError, len(m.Rounds), e, bits, m.Scalar.Name)
	}
	return &Document{
		Summary:     summary,
		Title:       "factors of " + file,
		Tables:      []*Table{t},
		Assumptions: []string{fmt.Sprintf("one min/max range a factor, nearest quantizers unless dithered; scalar: the best with as many stored bits (2 %% more at most) of Lloyd's tables for the matrix, each row, or groups of 64 and 128 entries with 16-bit scales, all charged; %s", o)},
		Identity:    []Field{{"file", file}, {"seed", o.Seed}},
	}
}
