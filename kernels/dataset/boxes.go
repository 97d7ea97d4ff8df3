package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/files"
)

// boxFolder is where the pictures of a split and their boxes lie.
type boxFolder struct{ images, labels, table string }

// loadBoxes reads DIR or DIR:SPLIT: pictures in DIR/images, boxes in DIR/labels, a text
// beside each picture in YOLO's form, or all in a JSON file in COCO's form, DIR/*.json or
// DIR/annotations/*.json. Where images has folders, each is a split. DIR/classes.txt
// names the classes.
func loadBoxes(ctx context.Context, rest string, r span, want Want) (*Images, error) {
	dir, split := Resolve(rest), ""
	if _, err := os.Stat(dir); err != nil {
		if at := strings.LastIndexByte(rest, ':'); at > 0 {
			dir, split = Resolve(rest[:at]), rest[at+1:]
		}
	}
	folder, err := findBoxes(dir, split)
	if err != nil {
		return nil, err
	}
	paths, err := listPictures(folder.images)
	if err != nil {
		return nil, err
	}
	var table *cocoTable
	if folder.table != "" {
		if table, err = readCOCO(ctx, folder.table); err != nil {
			return nil, err
		}
		paths = slices.DeleteFunc(paths, func(path string) bool { return !table.has(path) })
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: no pictures with boxes", folder.images)
	}
	im, lo, err := decodeRange(ctx, paths, r, want)
	if err != nil {
		return nil, err
	}
	im.Boxes = make([][]Box, im.N)
	for i, path := range paths[lo:][:im.N] {
		if table != nil {
			im.Boxes[i] = table.boxes(path)
		} else if im.Boxes[i], err = readYOLO(ctx, folder.labels, path, im.Places[i].Size); err != nil {
			return nil, err
		}
	}
	if table != nil {
		im.Classes = table.names
		return im, nil
	}
	im.Classes, err = readLines(ctx, filepath.Join(dir, "classes.txt"))
	return im, err
}

// readLines reads the lines of a file without the space around them, nothing if there is
// no such file.
func readLines(ctx context.Context, path string) ([]string, error) {
	data, err := files.Read(ctx, path, files.Document)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines, err
}

// findBoxes finds the pictures of a split: the one named, or begun with that word; without
// a word the one that begins with val or test, or the only one.
func findBoxes(dir, split string) (boxFolder, error) {
	f := boxFolder{images: filepath.Join(dir, "images"), labels: filepath.Join(dir, "labels")}
	entries, err := os.ReadDir(f.images)
	if err != nil {
		return f, err
	}
	var splits []string
	for _, e := range entries {
		if e.IsDir() {
			splits = append(splits, e.Name())
		}
	}
	chosen, err := chooseSplit(splits, split)
	if err != nil {
		return f, fmt.Errorf("%s: %w", f.images, err)
	}
	f.images, f.labels = filepath.Join(f.images, chosen), filepath.Join(f.labels, chosen)
	f.table, err = findTable(dir, chosen)
	if _, missing := os.Stat(f.labels); err == nil && f.table == "" && missing != nil {
		err = fmt.Errorf("%s: no boxes: want %s with a text for each picture, or a JSON file in COCO's form", dir, f.labels)
	}
	return f, err
}

func chooseSplit(splits []string, word string) (string, error) {
	words := []string{"val", "test"}
	if word != "" {
		words = []string{word}
	}
	for _, w := range words {
		for _, s := range splits {
			if s == w {
				return s, nil
			}
		}
		for _, s := range splits {
			if strings.HasPrefix(s, w) {
				return s, nil
			}
		}
	}
	switch {
	case word != "":
		return "", fmt.Errorf("no split %q (%s)", word, strings.Join(splits, ", "))
	case len(splits) > 1:
		return "", fmt.Errorf("%d splits: write boxes:DIR:SPLIT with one of %s", len(splits), strings.Join(splits, ", "))
	case len(splits) == 1:
		return splits[0], nil
	}
	return "", nil
}

// findTable finds the JSON file of a split, "" if there is none.
func findTable(dir, split string) (string, error) {
	var found []string
	for _, pattern := range []string{"*.json", "annotations/*.json"} {
		list, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return "", err
		}
		for _, path := range list {
			if split == "" || strings.Contains(filepath.Base(path), split) {
				found = append(found, path)
			}
		}
	}
	if len(found) > 1 {
		return "", fmt.Errorf("%s and %s: want one file of boxes", found[0], found[1])
	}
	return strings.Join(found, ""), nil
}

// stem is the name of a picture without folder and extension.
func stem(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

// readYOLO reads the boxes of a picture of a size: class, centre, width and height as
// shares of the picture, or class and the corners of a polygon.
func readYOLO(ctx context.Context, folder, picture string, size [2]int) ([]Box, error) {
	path := filepath.Join(folder, stem(picture)+".txt")
	text, err := files.Read(ctx, path, files.Document)
	if errors.Is(err, fs.ErrNotExist) {
		return []Box{}, nil
	}
	if err != nil {
		return nil, err
	}
	boxes, n := []Box{}, 0
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		n++
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		b, err := yoloBox(words, size)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		boxes = append(boxes, b)
	}
	return boxes, nil
}

func yoloBox(words []string, size [2]int) (Box, error) {
	class, err := strconv.Atoi(words[0])
	if err != nil || class < 0 {
		return Box{}, fmt.Errorf("class = %q: must be a number, 0 or more", words[0])
	}
	if len(words) < 5 || len(words) > 5 && len(words)%2 == 0 {
		return Box{}, fmt.Errorf("%d numbers: want class, x, y, width and height, or class and the corners of a polygon", len(words))
	}
	values := make([]float64, len(words)-1)
	for i, w := range words[1:] {
		if values[i], err = strconv.ParseFloat(w, 64); err != nil || !(math.Abs(values[i]) <= 2) {
			return Box{}, fmt.Errorf("%q: must be a share of the picture, 0 to 1", w)
		}
	}
	b := Box{Class: class}
	if len(values) == 4 {
		b.X0, b.Y0 = values[0]-values[2]/2, values[1]-values[3]/2
		b.X1, b.Y1 = values[0]+values[2]/2, values[1]+values[3]/2
	} else {
		b.X0, b.Y0, b.X1, b.Y1 = values[0], values[1], values[0], values[1]
		for i := 2; i < len(values); i += 2 {
			b.X0, b.X1 = min(b.X0, values[i]), max(b.X1, values[i])
			b.Y0, b.Y1 = min(b.Y0, values[i+1]), max(b.Y1, values[i+1])
		}
	}
	if !(b.X1 > b.X0 && b.Y1 > b.Y0) {
		return Box{}, fmt.Errorf("a box of %g×%g: must have an area", b.X1-b.X0, b.Y1-b.Y0)
	}
	w, h := float64(size[0]), float64(size[1])
	b.X0, b.X1, b.Y0, b.Y1 = b.X0*w, b.X1*w, b.Y0*h, b.Y1*h
	b.Area = (b.X1 - b.X0) * (b.Y1 - b.Y0)
	return b, nil
}
