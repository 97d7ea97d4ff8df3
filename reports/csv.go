package reports

import (
	"encoding/csv"
	"io"
	"slices"
)

// writeCSV writes the rows (no footer) at full precision under the columns' keys, the
// fields that identify them before them.
func (t *Table) writeCSV(w io.Writer, identity []Field) error {
	return csv.NewWriter(w).WriteAll(t.records(identity))
}

// records are the keys, then the rows, behind those of the fields that are not among
// the table's own columns.
func (t *Table) records(identity []Field) [][]string {
	files := t.files()
	var keys, values []string
	for _, f := range files.lacks(identity) {
		keys, values = append(keys, f.Key), append(values, plain(f.Value))
	}
	for _, c := range files.Columns {
		keys = append(keys, c.Key)
	}
	records := [][]string{keys}
	for _, row := range files.Rows {
		record := slices.Clone(values)
		for _, v := range row {
			record = append(record, plain(v))
		}
		records = append(records, record)
	}
	return records
}

// lacks are the fields that the table has no column for.
func (t *Table) lacks(identity []Field) []Field {
	return slices.DeleteFunc(slices.Clone(identity), func(f Field) bool {
		return slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Key == f.Key })
	})
}

// identifying are the keys that tell the rows of one report from those of others.
func (t *Table) identifying(identity []Field) []string {
	var keys []string
	for _, f := range identity {
		keys = append(keys, f.Key)
	}
	for _, c := range t.files().Columns {
		if c.Identifies && !slices.Contains(keys, c.Key) {
			keys = append(keys, c.Key)
		}
	}
	return keys
}
