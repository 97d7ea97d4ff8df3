package reports

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"bitcycle/internal/files"
)

// Export writes every table of the document to a folder, NAME.csv each, and returns
// the paths. A file that is there keeps the rows of other reports: rows whose
// identifying columns are those of this report's are replaced, others stay, and columns
// that one of both lacks are empty there.
func (d *Document) Export(folder string) ([]string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	var written []string
	for i, name := range d.TableNames() {
		t, path := d.Tables[i], filepath.Join(folder, name+".csv")
		if err := t.export(path, d.Identity); err != nil {
			return written, err
		}
		written = append(written, path)
	}
	return written, nil
}

func (t *Table) export(path string, identity []Field) error {
	old, err := readRecords(path)
	if err != nil {
		return err
	}
	return files.Write(path, func(w io.Writer) error {
		return csv.NewWriter(w).WriteAll(merge(old, t.records(identity), t.identifying(identity)))
	})
}

// readRecords returns the rows of a CSV file, none if it is not there.
func readRecords(path string) ([][]string, error) {
	text, err := files.Read(context.Background(), path, files.Data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	records, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return records, nil
}

// merge adds rows to old ones, each list headed by its keys, in place of old rows that
// have the values of a new one under all of the identifying keys. A new row that says
// nothing else than an old one leaves that as it is: it may say more.
func merge(old, rows [][]string, identifying []string) [][]string {
	if len(old) == 0 {
		return rows
	}
	keys := slices.Clone(old[0])
	for _, key := range rows[0] {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	fresh := map[string]bool{}
	for _, row := range rows[1:] {
		fresh[identityOf(rows[0], row, identifying)] = true
	}
	merged := [][]string{keys}
	replaced := map[string][][]string{}
	for _, row := range old[1:] {
		id, row := identityOf(old[0], row, identifying), arrange(old[0], row, keys)
		if fresh[id] {
			replaced[id] = append(replaced[id], row)
			continue
		}
		merged = append(merged, row)
	}
	for _, row := range rows[1:] {
		id, row := identityOf(rows[0], row, identifying), arrange(rows[0], row, keys)
		if i := slices.IndexFunc(replaced[id], func(old []string) bool { return says(old, row) }); i >= 0 {
			row = replaced[id][i]
		}
		merged = append(merged, row)
	}
	return merged
}

// says tells whether a row has every value that another has.
func says(row, other []string) bool {
	for i, v := range other {
		if v != "" && v != row[i] {
			return false
		}
	}
	return true
}

// arrange puts a row under other keys.
func arrange(from, row, to []string) []string {
	out := make([]string, len(to))
	for i, key := range to {
		if at := slices.Index(from, key); at >= 0 {
			out[i] = row[at]
		}
	}
	return out
}

func identityOf(keys, row, identifying []string) string {
	return strings.Join(arrange(keys, row, identifying), "\x00")
}
