package dataset

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"io"
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/crew"
	"bitcycle/internal/files"
	"bitcycle/internal/picture"
)

// labelled is a row of labels.csv.
type labelled struct {
	file  string
	label int
}

// maxBytes bounds the pixels of a set that is put together from files.
const maxBytes = 8 << 30

// loadFolder reads the pictures that DIR/labels.csv lists. All must have one
// size; they become RGB. DIR/synset.txt, if present, names the classes.
func loadFolder(ctx context.Context, rest string, r span) (*Images, error) {
	dir := Resolve(rest)
	table := filepath.Join(dir, "labels.csv")
	f, err := files.Open(ctx, table, files.Table)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	classes, err := readClasses(ctx, filepath.Join(dir, "synset.txt"))
	if err != nil {
		return nil, err
	}
	rows, err := parseLabels(f, table, len(classes))
	if err != nil {
		return nil, err
	}
	lo, hi, err := r.within(len(rows))
	if err != nil {
		return nil, err
	}
	im, err := decodeAll(ctx, filepath.Join(dir, "images"), rows[lo:hi])
	if err != nil {
		return nil, err
	}
	im.Classes = classes
	return im, nil
}

// readClasses reads one class a line, its identifier cut off, or nothing if
// there is no such file.
func readClasses(ctx context.Context, path string) ([]string, error) {
	data, err := files.Read(ctx, path, files.Document)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var classes []string
	for line := range strings.Lines(string(data)) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), " ")
		classes = append(classes, name)
	}
	return classes, nil
}

// parseLabels reads a table with the columns file and label. Labels are class
// numbers, below classes if that is known (not 0).
func parseLabels(r io.Reader, path string, classes int) ([]labelled, error) {
	in := csv.NewReader(files.Text(r))
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	file, label := slices.Index(head, "file"), slices.Index(head, "label")
	if file < 0 || label < 0 {
		return nil, fmt.Errorf("%s:1: columns %q: want file and label", path, head)
	}
	var rows []labelled
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		line, _ := in.FieldPos(0)
		if len(row) <= max(file, label) {
			return nil, fmt.Errorf("%s:%d: %d columns: want %d", path, line, len(row), len(head))
		}
		n, err := strconv.Atoi(strings.TrimSpace(row[label]))
		if err != nil || n < 0 || classes > 0 && n >= classes {
			return nil, fmt.Errorf("%s:%d: label = %q: must be a class number%s", path, line, row[label], below(classes))
		}
		if !filepath.IsLocal(row[file]) {
			return nil, fmt.Errorf("%s:%d: file = %q: must be a name below images", path, line, row[file])
		}
		rows = append(rows, labelled{row[file], n})
	}
	return rows, nil
}

func below(classes int) string {
	if classes == 0 {
		return ""
	}
	return fmt.Sprintf(" below %d", classes)
}

// decodeAll decodes the pictures on all cores. Of several errors it reports
// the one of the first row.
func decodeAll(ctx context.Context, dir string, rows []labelled) (*Images, error) {
	first, err := picture.Load(ctx, filepath.Join(dir, rows[0].file))
	if err != nil {
		return nil, err
	}
	size := first.Bounds().Size()
	if most := maxBytes / 3 / size.X / size.Y; len(rows) > most {
		return nil, fmt.Errorf("%d pictures of %d×%d: at most %d fit into %s; take a range", len(rows), size.X, size.Y, most, files.Size(maxBytes))
	}
	im := &Images{N: len(rows), H: size.Y, W: size.X, C: 3, Labels: make([]int, len(rows))}
	im.Pixels = make([]uint8, im.N*im.Size())
	failed := make([]error, len(rows))
	crew.Each(runtime.GOMAXPROCS(0), len(rows), func(i int) {
		im.Labels[i] = rows[i].label
		failed[i] = im.decodeInto(ctx, i, filepath.Join(dir, rows[i].file))
	})
	for _, err := range failed {
		if err != nil {
			return nil, err
		}
	}
	return im, nil
}

func (im *Images) decodeInto(ctx context.Context, i int, path string) error {
	p, err := picture.Load(ctx, path)
	if err != nil {
		return err
	}
	if size := p.Bounds().Size(); size.X != im.W || size.Y != im.H {
		return fmt.Errorf("%s: %d×%d pixels: the first picture has %d×%d", path, size.X, size.Y, im.W, im.H)
	}
	rgba := image.NewRGBA(image.Rect(0, 0, im.W, im.H))
	draw.Draw(rgba, rgba.Bounds(), p, p.Bounds().Min, draw.Src)
	out := im.Pixels[i*im.Size():][:im.Size()]
	for k, at := 0, 0; k < len(out); k, at = k+3, at+4 {
		copy(out[k:k+3], rgba.Pix[at:at+3])
	}
	return nil
}
