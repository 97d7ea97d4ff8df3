package npy

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"strings"

	"bitcycle/internal/files"
)

// Member is an array of an archive.
type Member struct {
	Name string // without .npy
	*Array
}

// LoadArchive reads the arrays of an .npz archive, a zip file of .npy files, in their
// order. Errors name the file and the array.
func LoadArchive(ctx context.Context, path string) ([]Member, error) {
	r, err := files.Open(ctx, path, files.Data)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	list, err := readArchive(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", files.Printable(path), err)
	}
	return list, nil
}

func readArchive(r *files.Reader) ([]Member, error) {
	archive, err := zip.NewReader(r, r.Size())
	if err != nil {
		return nil, err
	}
	var list []Member
	var total uint64
	for _, f := range archive.File {
		name := files.Printable(f.Name)
		if !strings.HasSuffix(f.Name, ".npy") {
			return nil, fmt.Errorf("%s: an archive of arrays holds .npy files", name)
		}
		total += min(f.UncompressedSize64, uint64(r.Most())+1)
		if total > uint64(r.Most()) {
			return nil, fmt.Errorf("%s: the archive unpacks to more than %s", name, files.Size(r.Most()))
		}
		if err := files.Fits("the archive", float64(total)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		packed := min(f.CompressedSize64, uint64(r.Size()))
		if err := files.CheckRatio(int64(packed), int64(f.UncompressedSize64), freeBytes); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		a, err := readMember(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		list = append(list, Member{strings.TrimSuffix(name, ".npy"), a})
	}
	return list, nil
}

// freeBytes may be unpacked of the smallest member.
const freeBytes = 4 << 20

// readMember reads no more of a member than the archive says that it holds.
func readMember(f *zip.File) (*Array, error) {
	in, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return Read(io.LimitReader(in, int64(f.UncompressedSize64)))
}
