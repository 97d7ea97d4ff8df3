package store

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"time"

	"bitcycle/internal/files"
)

// Manifest tells how a folder came to be. It is the one file that differs between two
// finished runs of a sweep, and no result is read from it.
type Manifest struct {
	Schema  int    `json:"schema"`
	Command string `json:"command"`
	Version string `json:"version"`
	Model   int    `json:"model"`   // version of the models
	Seed    int64  `json:"seed"`    // of everything random
	Kernel  string `json:"kernel"`  // arithmetic kernels
	Host    string `json:"host"`    // that finished it
	Runner  string `json:"runner"`  // local, shard 1/4, nats …
	Workers any    `json:"workers"` // by host, version and kernel, where they differ
	Sweep   string `json:"sweep"`   // hash of what all points are
	Points  int    `json:"points"`

	Started  string `json:"started"`
	Finished string `json:"finished"` // "" while points are missing
}

// Name is that of the manifest's file.
const Name = "manifest.json"

// Now is the time as manifests have it.
func Now() string { return time.Now().UTC().Format(time.RFC3339) }

// WriteManifest puts the manifest in the folder.
func (f *Folder) WriteManifest(m Manifest) error {
	return f.Save(Name, func(w io.Writer) error {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(m)
	})
}

// ReadManifest reads the manifest of a folder, the zero manifest if there is none.
func ReadManifest(path string) (m Manifest, err error) {
	text, err := files.Read(context.Background(), filepath.Join(path, Name), files.Document)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	return m, err
}
