package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// file is a part of an archive.
type file struct {
	name string
	mode int64
	text []byte
}

// pack builds a platform and returns its archive: a zip for Windows, else a tar.gz.
func pack(root, version, platform string, page []byte) (name string, archive []byte, err error) {
	folder := "bitcycle-" + version + "-" + strings.ReplaceAll(platform, "/", "-")
	windows := strings.HasPrefix(platform, "windows/")
	parts, err := collect(root, version, platform, folder, page, windows)
	if err != nil {
		return "", nil, err
	}
	if windows {
		archive, err = zipped(parts)
		return folder + ".zip", archive, err
	}
	archive, err = tarred(parts)
	return folder + ".tar.gz", archive, err
}

// collect is what an archive holds.
func collect(root, version, platform, folder string, page []byte, windows bool) ([]file, error) {
	work, err := os.MkdirTemp("", "release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(work)
	name := "bitcycle"
	if windows {
		name += ".exe"
	}
	path, err := filepath.Abs(filepath.Join(work, name))
	if err != nil {
		return nil, err
	}
	if err := build(root, version, platform, path); err != nil {
		return nil, err
	}
	binary, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	parts := []file{{folder + "/" + name, 0o755, binary}, {folder + "/bitcycle.1", 0o644, page}}
	for _, one := range beside {
		text, err := os.ReadFile(filepath.Join(root, one))
		if err != nil {
			return nil, err
		}
		parts = append(parts, file{folder + "/" + one, 0o644, text})
	}
	return parts, nil
}

// epoch is the time of every file, so that the same files give the same archive.
var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func tarred(parts []file) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(z)
	for _, p := range parts {
		head := &tar.Header{Name: p.name, Mode: p.mode, Size: int64(len(p.text)), ModTime: epoch, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(head); err != nil {
			return nil, err
		}
		if _, err := w.Write(p.text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

func zipped(parts []file) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range parts {
		f, err := w.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: epoch})
		if err != nil {
			return nil, err
		}
		if _, err := f.Write(p.text); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return b.Bytes(), err
}
