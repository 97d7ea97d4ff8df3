package autoq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"bitcycle/internal/files"
)

// store keeps the outcomes of an experiment's tasks in a folder, one file each,
// so that a run that was interrupted goes on where it ended.
type store struct {
	folder string // "" keeps nothing
	of     string // what the outcomes depend on
}

// entry is a file of a store.
type entry struct {
	Of      string          `json:"of"`
	Outcome json.RawMessage `json:"outcome"`
}

func newStore(folder string, s *Subject) store {
	if folder == "" {
		return store{}
	}
	of := fmt.Sprintf("%s: %+v, images %d, %d and %d", s.Name, s.Plan, s.Calib.N, s.Images.N, s.Test.N)
	return store{filepath.Join(folder, s.Name), of}
}

// load reads an outcome and reports whether there is one. One of another plan is
// an error: it must not pass for this one's.
func (s store) load(name string, out any) (bool, error) {
	if s.folder == "" {
		return false, nil
	}
	path := filepath.Join(s.folder, name+".json")
	var e entry
	err := files.LoadRecord(context.Background(), path, &e)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if e.Of != s.of {
		return false, fmt.Errorf("%s: outcome of %q, this run is %q: give another folder", path, e.Of, s.of)
	}
	if err := json.Unmarshal(e.Outcome, out); err != nil {
		return false, fmt.Errorf("%s: not an outcome: %w", path, err)
	}
	return true, nil
}

// save writes an outcome, whole or not at all.
func (s store) save(name string, what any) error {
	if s.folder == "" {
		return nil
	}
	outcome, err := json.Marshal(what)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return err
	}
	return files.SaveRecord(filepath.Join(s.folder, name+".json"), entry{s.of, outcome})
}
