package dataset

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"

	"bitcycle/internal/files"
)

// cocoTable is a file of boxes in COCO's form (cocodataset.org/#format-data).
type cocoTable struct {
	names []string
	ids   map[string]int // of pictures by file name
	found map[int][]Box  // by id of the picture
}

type cocoCategory struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// readCOCO reads a table. Classes are counted from 0 in the order of their ids.
func readCOCO(ctx context.Context, path string) (*cocoTable, error) {
	text, err := files.Read(ctx, path, files.Data)
	if err != nil {
		return nil, err
	}
	var doc struct {
		Images []struct {
			ID   int    `json:"id"`
			File string `json:"file_name"`
		} `json:"images"`
		Annotations []struct {
			Image    int       `json:"image_id"`
			Category int       `json:"category_id"`
			Box      []float64 `json:"bbox"`
			Area     *float64  `json:"area"`
			Crowd    int       `json:"iscrowd"`
		} `json:"annotations"`
		Categories []cocoCategory `json:"categories"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(doc.Images) == 0 || len(doc.Categories) == 0 {
		return nil, fmt.Errorf("%s: want images, annotations and categories as COCO has them", path)
	}
	t := &cocoTable{ids: map[string]int{}, found: map[int][]Box{}}
	for _, im := range doc.Images {
		t.ids[filepath.Base(im.File)] = im.ID
	}
	slices.SortFunc(doc.Categories, func(a, b cocoCategory) int { return cmp.Compare(a.ID, b.ID) })
	class := map[int]int{}
	for _, c := range doc.Categories {
		class[c.ID] = len(t.names)
		t.names = append(t.names, c.Name)
	}
	for i, a := range doc.Annotations {
		k, known := class[a.Category]
		switch {
		case !known:
			return nil, fmt.Errorf("%s: annotations[%d].category_id = %d: no such category", path, i, a.Category)
		case len(a.Box) != 4 || !(a.Box[2] >= 0 && a.Box[3] >= 0):
			return nil, fmt.Errorf("%s: annotations[%d].bbox = %v: must be x, y, width and height", path, i, a.Box)
		}
		b := Box{Class: k, X0: a.Box[0], Y0: a.Box[1], X1: a.Box[0] + a.Box[2], Y1: a.Box[1] + a.Box[3], Crowd: a.Crowd != 0}
		if b.Area = a.Box[2] * a.Box[3]; a.Area != nil {
			b.Area = *a.Area
		}
		t.found[a.Image] = append(t.found[a.Image], b)
	}
	return t, nil
}

func (t *cocoTable) has(path string) bool {
	_, known := t.ids[filepath.Base(path)]
	return known
}

// boxes are those of a picture, an empty list where it has none.
func (t *cocoTable) boxes(path string) []Box {
	return append([]Box{}, t.found[t.ids[filepath.Base(path)]]...)
}
