package reproduce

import (
	"context"
	"encoding/json"
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
	path := filepath.Join(o.Resume, fmt.Sprintf("%s-seed%d.json", name, o.Seed))
	var value T
	data, err := files.Read(context.Background(), path, files.Data)
	if err == nil {
		if err := json.Unmarshal(data, &value); err != nil {
			return value, fmt.Errorf("%s: not a part of a report: %w", path, err)
		}
		return value, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return value, err
	}
	if value, err = part(); err != nil {
		return value, err
	}
	if data, err = json.Marshal(value); err != nil {
		return value, err
	}
	return value, files.Save(path, data)
}
