package sweep

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"bitcycle/sim/sweep/store"
)

// Merged is what joining folders found.
type Merged struct {
	Records int  // taken
	Double  []ID // in several folders, with the same result
	Missing []int
}

// Sources lists the result folders among the given ones and directly below them.
func Sources(folders []string) ([]string, error) {
	var list []string
	for _, folder := range folders {
		found := false
		if store.Exists(folder) {
			list, found = append(list, folder), true
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if below := filepath.Join(folder, e.Name()); e.IsDir() && store.Exists(below) {
				list, found = append(list, below), true
			}
		}
		if !found {
			return nil, fmt.Errorf("%s: no result folder of a sweep, and none below it", folder)
		}
	}
	return list, nil
}

// Merge takes the records of several folders into one. A point that is none of the plan's
// is an error, and so are two results of one point that differ: a point's result is
// determined by what it is.
func (p *Plan) Merge(ctx context.Context, into *store.Folder, sources []string) (*Merged, error) {
	own := make(map[ID]bool, p.Len())
	for i := range p.Len() {
		own[p.ID(i)] = true
	}
	out := &Merged{}
	from := map[ID]string{}
	for _, source := range sources {
		if same(source, into.Path) {
			continue
		}
		err := store.Each(ctx, source, func(key store.Key, record []byte) error {
			id := ID(key)
			if !own[id] {
				return fmt.Errorf("point %v is none of this sweep", id)
			}
			before, err := into.Get(key)
			switch {
			case err != nil:
				return err
			case before == nil:
				out.Records++
				from[id] = source
				return into.Append([][]byte{bytes.Clone(record)})
			case !bytes.Equal(before, record):
				return fmt.Errorf("point %v has another result in %s:\n%s\n%s", id, from[id], before, record)
			case from[id] != "" && from[id] != source:
				out.Double = append(out.Double, id)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range p.Len() {
		if !into.Has(store.Key(p.ID(i))) {
			out.Missing = append(out.Missing, i)
		}
	}
	slices.SortFunc(out.Double, func(a, b ID) int { return bytes.Compare(a[:], b[:]) })
	return out, nil
}

func same(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// Complete is the table of what a folder knows of a plan.
func (p *Plan) Complete(folder *store.Folder) (*Table, error) {
	t := newTable(p)
	if _, err := t.resume(folder); err != nil {
		return nil, err
	}
	t.Judge()
	return t, nil
}
