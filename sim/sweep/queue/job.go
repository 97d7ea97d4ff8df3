package queue

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"bitcycle/internal/files"
	"bitcycle/sim/sweep"
)

// job is a sweep as workers get it.
type job struct {
	Name     string   `json:"name"`
	Identity string   `json:"identity"` // of its points: a worker that finds others refuses it
	Spec     string   `json:"spec"`     // TOML, paths absolute on the coordinator's machine
	Paths    []string `json:"paths"`    // that the TOML names
	Files    []input  `json:"files"`    // that it rests on
	Build    Build    `json:"build"`
	Mixed    bool     `json:"mixed"` // workers of other builds may help
}

// input is a file by its content.
type input struct {
	Path string `json:"path"`
	Hash string `json:"sha256"`
}

// Build is what a process computes with.
type Build struct {
	Version string `json:"version"`
	Kernel  string `json:"kernel"` // instruction set of the arithmetic kernels
}

func trim(text string) string { return strings.TrimSpace(text) }

// id names the job on the server.
func (j *job) id() string { return j.Identity[:16] }

// newJob describes a plan and reads the files that it rests on.
func newJob(ctx context.Context, p *sweep.Plan, b Build, mixed bool) (*job, map[string][]byte, error) {
	spec := p.Explicit()
	spec.Measured = "" // stands beside the points where they are written
	j := &job{Name: spec.Name, Identity: p.Identity(), Build: b, Mixed: mixed}
	spec.MapPaths(func(path string) string {
		if full, err := filepath.Abs(path); err == nil {
			path = full
		}
		j.Paths = append(j.Paths, path)
		return path
	})
	var text bytes.Buffer
	if err := spec.Write(&text); err != nil {
		return nil, nil, err
	}
	j.Spec = text.String()
	content := map[string][]byte{}
	for _, path := range p.Spec.Inputs() {
		data, err := files.Read(ctx, path, files.Data)
		if err != nil {
			return nil, nil, err
		}
		sum := sha256.Sum256(data)
		hash := hex.EncodeToString(sum[:])
		j.Files, content[hash] = append(j.Files, input{path, hash}), data
	}
	return j, content, nil
}

// offer puts a job and its files on the server.
func (c *conn) offer(ctx context.Context, j *job, content map[string][]byte) error {
	for hash, data := range content {
		if info, err := c.files.GetInfo(ctx, hash); err == nil && info.Size == uint64(len(data)) {
			continue
		}
		if _, err := c.files.PutBytes(ctx, hash, data); err != nil {
			return err
		}
	}
	text, err := json.Marshal(j)
	if err != nil {
		return err
	}
	_, err = c.jobs.Put(ctx, j.id(), text)
	return err
}

// find reads the job of an id, nil if there is none.
func (c *conn) find(ctx context.Context, id string) (*job, error) {
	ctx, stop := context.WithTimeout(ctx, wait)
	defer stop()
	entry, err := c.jobs.Get(ctx, id)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	j := &job{}
	return j, json.Unmarshal(entry.Value(), j)
}

// fits tells why a build may not help with the job, nil if it may.
func (j *job) fits(b Build) error {
	if j.Mixed || j.Build == b {
		return nil
	}
	return fmt.Errorf("sweep %s is run by bitcycle %s with kernels %s, this worker is %s with %s: use one build everywhere, or sweep --mixed", j.Name, j.Build.Version, j.Build.Kernel, b.Version, b.Kernel)
}

// plan makes the job's plan, with the files that this machine lacks fetched into a folder.
func (c *conn) plan(ctx context.Context, j *job, folder string, o sweep.Options) (*sweep.Plan, error) {
	text := j.Spec
	if root, err := c.fetch(ctx, j, folder); err != nil {
		return nil, err
	} else if root != "" {
		paths := slices.Clone(j.Paths)
		slices.SortFunc(paths, func(a, b string) int { return len(b) - len(a) })
		var pairs []string
		for _, path := range slices.Compact(paths) {
			pairs = append(pairs, path, root+path)
		}
		text = strings.NewReplacer(pairs...).Replace(text)
	}
	spec, err := sweep.Parse("sweep "+j.Name, []byte(text))
	if err != nil {
		return nil, err
	}
	p, err := spec.Plan(ctx, o)
	if err != nil {
		return nil, err
	}
	if got := p.Identity(); got != j.Identity {
		return nil, fmt.Errorf("sweep %s has other points here (%s, want %s): another version of the models, or a file that the coordinator did not find", j.Name, got, j.Identity)
	}
	return p, nil
}

// fetch returns the folder below which the job's files lie, "" if all of them are where
// the coordinator has them.
func (c *conn) fetch(ctx context.Context, j *job, folder string) (root string, err error) {
	if !slices.ContainsFunc(j.Files, func(f input) bool { return hashOf(ctx, f.Path) != f.Hash }) {
		return "", nil
	}
	root = filepath.Join(folder, j.id())
	for _, f := range j.Files {
		path := root + filepath.Clean("/"+f.Path)
		if hashOf(ctx, path) == f.Hash {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return "", err
		}
		object, err := c.files.Get(ctx, f.Hash)
		if err != nil {
			return "", fmt.Errorf("%s: %w", f.Path, err)
		}
		err = files.Write(path, func(w io.Writer) error {
			_, err := io.Copy(w, object)
			return err
		})
		if err = errors.Join(err, object.Close()); err != nil {
			return "", err
		}
		if hashOf(ctx, path) != f.Hash {
			return "", fmt.Errorf("%s: other content than the coordinator's", f.Path)
		}
	}
	return root, nil
}

// hashOf is the hash of a file, "" if it cannot be read.
func hashOf(ctx context.Context, path string) string {
	data, err := files.Read(ctx, path, files.Data)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// forget removes a job from the server.
func (c *conn) forget(ctx context.Context, j *job) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), wait)
	defer stop()
	err := c.jobs.Purge(ctx, j.id())
	for _, one := range []struct{ stream, prefix string }{{workStream, workPrefix}, {doneStream, donePrefix}} {
		s, bad := c.js.Stream(ctx, one.stream)
		if bad == nil {
			bad = s.Purge(ctx, jetstream.WithPurgeSubject(one.prefix+j.id()+".>"))
		}
		err = errors.Join(err, bad)
	}
	return err
}

// elapsed is how long f takes.
func elapsed(f func() error) (time.Duration, error) {
	start := time.Now()
	err := f()
	return time.Since(start), err
}
