package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/reports"
	"bitcycle/sim/sweep/store"
)

// sweepFolder tells whether a path is the result folder of a sweep, finished or not.
func sweepFolder(path string) bool {
	_, err := os.Stat(filepath.Join(path, "sweep.toml"))
	return err == nil
}

// documentsIn lists the JSON documents of a folder that is not a sweep's.
func documentsIn(folder string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%s: neither the result folder of a sweep nor a folder of what commands write with --json (tables of --export are for other programs)", folder)
	}
	return found, err
}

// documents draws stored results again: one as it was, several side by side.
func (c reportCmd) documents(ctx context.Context, s *session) error {
	if c.Front || c.Base != "" || c.Fail != "" || len(c.Where) > 0 || s.Format == "benchmark" {
		return input(errors.New("--front, --compare, --fail-on, --where and --format benchmark go with the result folder of one sweep"))
	}
	var parts []reports.Stored
	var problems []error
	for _, path := range c.Results {
		more, err := stored(ctx, path)
		parts, problems = append(parts, more...), append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return input(err)
	}
	if len(parts) == 1 {
		return s.write(parts[0].Document)
	}
	return s.write(reports.Together(parts))
}

// stored reads a document, the documents of a folder, or the results of a sweep.
func stored(ctx context.Context, path string) ([]reports.Stored, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: no such file or folder", path)
	case sweepFolder(path):
		doc, err := sweepDocument(ctx, path)
		return []reports.Stored{{Name: filepath.Base(path), Document: doc}}, err
	case !info.IsDir():
		doc, err := document(ctx, path)
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		return []reports.Stored{{Name: name, Document: doc}}, err
	}
	inside, err := documentsIn(path)
	if err != nil {
		return nil, err
	}
	var parts []reports.Stored
	var problems []error
	for _, one := range inside {
		more, err := stored(ctx, one)
		parts, problems = append(parts, more...), append(problems, err)
	}
	return parts, errors.Join(problems...)
}

func document(ctx context.Context, path string) (*reports.Document, error) {
	text, err := files.Read(ctx, path, files.Data)
	if err != nil {
		return nil, err
	}
	return reports.Read(path, text, storedKinds...)
}

// sweepDocument is the report of a sweep's folder, from what made it.
func sweepDocument(ctx context.Context, path string) (*reports.Document, error) {
	table, err := results(ctx, path)
	if err != nil {
		return nil, err
	}
	o := reports.Origin{Version: version(), Seed: 1}
	if m, err := store.ReadManifest(path); err == nil && m.Command != "" {
		o.Command, o.Version, o.Seed = strings.TrimPrefix(m.Command, "bitcycle "), m.Version, m.Seed
	}
	doc := reports.Sweep(o, table)
	doc.Origin = o
	for _, key := range []string{"network", "workload", "machine", "method"} { // what all points have
		if v := table.Spec.Base.Settings[key]; v != "" {
			doc.Identity = append(doc.Identity, reports.Field{Key: key, Value: v})
		}
	}
	return doc, nil
}
