package reproduce

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"bitcycle/internal/files"
)

// kept returns a part of a report from the folder of an interrupted run, or
// makes it and keeps it there. The seed belongs to the name.
func kept[T any](o Options, name string, part func() (T, error)) (T, error) {
	if o.Resume == "" {
		return part()
	}
	path := keptPath(o, name)
	var value T
	err := files.LoadRecord(context.Background(), path, &value)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return value, err
	}
	if value, err = part(); err != nil {
		return value, err
	}
	return value, files.SaveRecord(path, value)
}

func keptPath(o Options, name string) string {
	return filepath.Join(o.Resume, fmt.Sprintf("%s-seed%d.json", name, o.Seed))
}
