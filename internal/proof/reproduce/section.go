package reproduce

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"os"

	"bitcycle/reports"
)

// empty stands for a cell without a value, which gob does not know.
type empty struct{}

func init() { gob.Register(empty{}) }

// section adds a part to a report: from the folder of an interrupted run, or made and kept
// there. It belongs to the seed, the effort and whether there are data and pictures.
func section(o Options, name string, r *Report, make func(part *Report) error) error {
	part, err := keptAs(o, name, func() (*Report, error) {
		part := &Report{}
		return part, make(part)
	})
	if err != nil {
		return err
	}
	r.Claims, r.Tables, r.Charts = append(r.Claims, part.Claims...), append(r.Tables, part.Tables...), append(r.Charts, part.Charts...)
	r.Assumptions, r.Files = append(r.Assumptions, part.Assumptions...), append(r.Files, part.Files...)
	return nil
}

// packed is a value in the form that keeps the types of cells and what is no number.
type packed struct{ Gob []byte }

// keptAs is [kept] for values with cells of any type.
func keptAs[T any](o Options, name string, part func() (*T, error)) (*T, error) {
	if o.Resume == "" {
		return part()
	}
	if o.Quick {
		name += "-quick"
	}
	if o.DataRoot == "" {
		name += "-nodata"
	}
	if o.Pictures {
		name += "-pictures"
	}
	again := false
	for {
		p, err := kept(o, name, func() (p packed, err error) {
			again = true
			made, err := part()
			if err != nil {
				return p, err
			}
			return pack(made)
		})
		if err != nil {
			return nil, err
		}
		value, err := unpack[T](p)
		if err != nil || again || !lacksFiles(value) {
			return value, err
		}
		if err := os.Remove(keptPath(o, name)); err != nil {
			return nil, err
		}
	}
}

// lacksFiles tells of a report whose pictures are gone.
func lacksFiles(value any) bool {
	r, ok := value.(*Report)
	if !ok {
		return false
	}
	for _, name := range r.Files {
		if _, err := os.Stat(name); err != nil {
			return true
		}
	}
	return false
}

func pack[T any](value *T) (packed, error) {
	cells(value, func(v any) any {
		if v == nil {
			return empty{}
		}
		return v
	})
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(value)
	return packed{b.Bytes()}, err
}

func unpack[T any](p packed) (value *T, err error) {
	value = new(T)
	defer func() { // gob's promise for what is damaged on purpose
		if r := recover(); r != nil {
			err = errors.Join(err, fmt.Errorf("a part of a report that cannot be read: %v", r))
		}
	}()
	if err := gob.NewDecoder(bytes.NewReader(p.Gob)).Decode(value); err != nil {
		return nil, fmt.Errorf("a part of a report that cannot be read: %w", err)
	}
	cells(value, func(v any) any {
		if v == (empty{}) {
			return nil
		}
		return v
	})
	return value, nil
}

// cells changes the cells of a report's tables.
func cells(value any, change func(any) any) {
	r, ok := value.(*Report)
	if !ok {
		return
	}
	for _, t := range r.Tables {
		for t := t; t != nil; t = t.Files {
			changeRows(t, change)
		}
	}
}

func changeRows(t *reports.Table, change func(any) any) {
	for _, row := range append(t.Rows, t.Footer) {
		for i := range row {
			row[i] = change(row[i])
		}
	}
}
