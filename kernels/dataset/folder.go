package dataset

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/files"
)

// labelled is a row of labels.csv.
type labelled struct {
	file  string
	label int
}

// loadFolder reads the pictures that DIR/labels.csv lists, or, if there is no such
// table, all of DIR/images without labels. They become RGB, or one channel where the
// network reads one. DIR/synset.txt, if present, names the classes.
func loadFolder(ctx context.Context, rest string, r span, want Want) (*Images, error) {
	dir := Resolve(rest)
	table := filepath.Join(dir, "labels.csv")
	f, err := files.Open(ctx, table, files.Table)
	if errors.Is(err, fs.ErrNotExist) {
		paths, bad := listPictures(filepath.Join(dir, "images"))
		if bad != nil || len(paths) == 0 {
			return nil, err
		}
		im, _, err := decodeRange(ctx, paths, r, want)
		return im, err
	}
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
	var paths []string
	for _, row := range rows {
		paths = append(paths, filepath.Join(dir, "images", row.file))
	}
	im, lo, err := decodeRange(ctx, paths, r, want)
	if err != nil {
		return nil, err
	}
	for _, row := range rows[lo:][:im.N] {
		im.Labels = append(im.Labels, row.label)
	}
	im.Classes = classes
	return im, nil
}

// decodeRange decodes the pictures of a range, which begins at lo.
func decodeRange(ctx context.Context, paths []string, r span, want Want) (im *Images, lo int, err error) {
	lo, hi, err := r.within(len(paths))
	if err != nil {
		return nil, 0, err
	}
	im, err = decodeAll(ctx, paths[lo:hi], want)
	return im, lo, err
}

// listPictures lists the pictures of a folder by name.
func listPictures(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		switch strings.ToLower(filepath.Ext(e.Name())) {
		case ".png", ".jpg", ".jpeg":
			paths = append(paths, filepath.Join(dir, e.Name()))
		}
	}
	return paths, nil
}

// readClasses reads one class a line, its identifier cut off, or nothing if
// there is no such file.
func readClasses(ctx context.Context, path string) ([]string, error) {
	lines, err := readLines(ctx, path)
	for i, line := range lines {
		_, lines[i], _ = strings.Cut(line, " ")
	}
	return lines, err
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
