// Package silicon holds the machines against figures that others measured on silicon or
// RTL, or computed with a simulator of theirs: a CSV file of rows a set, a row a shape or
// a network on a device.
//
// The rows that the product ships are one half of what was collected; the other half has
// the same files and columns and is run by `validate --golden DIR`. So a set takes rows
// that it has never seen: what it does not model is skipped and counted.
//
// Nothing in one row or file keeps the others from being compared: a row that does not run
// or cannot be read is named with its reason.
//
// A new set is a file here with a [Set], and a line in the table of sets.
package silicon

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"bitcycle/internal/proof"
)

// Set is the rows of one file and the figures that are made of them.
type Set struct {
	File  string // name below silicon/, or in the folder itself
	Title string // of its chapter in docs/validation.md
	// Includes is where the figures come from and what they include; Unexplained what
	// remains of the differences. Both are Markdown of that chapter.
	Includes, Unexplained string
	Figures               []Figure // in the order of the report
	// Open returns what compares a row. A row that is not modelled gives an error made
	// by Skip; any other error is one of the file.
	Open func(golden fs.FS) (Comparer, error)
}

// Comparer returns our readings beside the figures of a row.
type Comparer func(r proof.Record) ([]Reading, error)

// Reading is one figure of ours beside a measured one.
type Reading struct {
	Figure    string // name of the figure that it belongs to
	ID, What  string
	Unit      string
	Want, Got float64
	Note      string
}

// sets are all sets in the order of the report.
var sets = []Set{gemmini, dpuVitis, dpuKV260, tiny, pynqZ2, tinyEngine, bitmod, eyerissPE}

// Tally counts the rows of a file.
type Tally struct {
	File     string         `json:"file"`     // of the golden folder
	Rows     int            `json:"rows"`     // in it
	Compared int            `json:"compared"` // of these, with at least one figure of ours
	Skipped  map[string]int `json:"skipped"`  // the others by reason
	Left     []proof.Left   `json:"left"`     // each of the others by name
	Faults   []string       `json:"faults"`   // what could not be read: file, line, column, rule
}

// skipped is the error of a row that is not modelled.
type skipped string

// Error says why.
func (s skipped) Error() string { return string(s) }

// Skip is the error of a row that is not modelled; why is a reason that rows share.
func Skip(why string, args ...any) error { return skipped(fmt.Sprintf(why, args...)) }

// Compare compares with every set that a folder has. What cannot be read is a fault of the
// set's tally; a folder without any of the files gives nothing.
func Compare(golden fs.FS) ([]proof.Source, []Tally) {
	var sources []proof.Source
	var tallies []Tally
	for i := range sets {
		more, tally, err := sets[i].compare(golden)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			tally.Faults = append(tally.Faults, err.Error())
		}
		sources, tallies = append(sources, more...), append(tallies, tally)
	}
	return sources, tallies
}

// Sets are all sets in the order of the report.
func Sets() []Set { return sets }

// Read reads a file of rows, below silicon/ or in the folder itself.
func Read(golden fs.FS, file string) ([]proof.Record, error) {
	rows, err := proof.ReadCSV(golden, "silicon/"+file)
	if errors.Is(err, fs.ErrNotExist) {
		return proof.ReadCSV(golden, file)
	}
	return rows, err
}

// compare makes the sources of the set. The error is one of the whole file.
func (s *Set) compare(golden fs.FS) ([]proof.Source, Tally, error) {
	tally := Tally{File: s.File, Skipped: map[string]int{}, Left: []proof.Left{}, Faults: []string{}}
	records, err := Read(golden, s.File)
	if err != nil {
		return nil, tally, err
	}
	one, err := s.Open(golden)
	if err != nil {
		return nil, tally, err
	}
	rows := map[string][]proof.Row{}
	tally.Rows = len(records)
	for _, r := range records {
		readings, err := one(r)
		if tally.leaves(r, len(readings), err) {
			continue
		}
		tally.Compared++
		for _, reading := range readings {
			rows[reading.Figure] = append(rows[reading.Figure], reading.row())
		}
	}
	var sources []proof.Source
	for _, f := range s.Figures {
		if len(rows[f.Name]) > 0 {
			source := f.source(rows[f.Name])
			source.Set = s.File
			sources = append(sources, source)
		}
		delete(rows, f.Name)
	}
	for name := range rows {
		panic("silicon: " + s.File + " has no figure " + name)
	}
	return sources, tally, nil
}

// leaves counts a row that is not compared, by what kept it: a cell that cannot be read, a
// reason that rows share, or an error of its run.
func (t *Tally) leaves(r proof.Record, readings int, err error) bool {
	var why skipped
	reason, text := "", ""
	switch bad := r.Err(); {
	case bad != nil:
		reason, text = "that cannot be read", bad.Error()
		t.Faults = append(t.Faults, text)
	case errors.As(err, &why):
		reason, text = string(why), string(why)
	case err != nil:
		reason, text = "that cannot be run", fmt.Sprintf("%s: %v", r.Where(), err)
	case readings == 0:
		reason, text = "no figure of the row is modelled", "no figure of the row is modelled"
	default:
		return false
	}
	t.Skipped[reason]++
	t.Left = append(t.Left, proof.Left{ID: r.Find("id"), What: named(r), Why: text})
	return true
}

// named is what a row is about, for people.
func named(r proof.Record) string {
	var parts []string
	for _, column := range [...]string{"model", "network", "layer", "kind", "board", "system", "accelerator", "phase"} {
		if text := r.Find(column); text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

func (r Reading) row() proof.Row {
	row := proof.Compare(r.ID, r.What, r.Want, r.Got)
	row.Unit, row.Note = r.Unit, r.Note
	return row
}

// String is a sentence: "mlperf_tiny.csv: 130 rows, 77 compared; skipped: 22 modelled = no".
func (t Tally) String() string {
	text := fmt.Sprintf("%s: %d rows, %d compared", t.File, t.Rows, t.Compared)
	var why []string
	for _, reason := range sortedKeys(t.Skipped) {
		why = append(why, fmt.Sprintf("%d %s", t.Skipped[reason], reason))
	}
	if len(why) > 0 {
		text += "; skipped: " + strings.Join(why, ", ")
	}
	return text
}
