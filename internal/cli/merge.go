package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/store"
)

type mergeCmd struct {
	Folders []string `arg:"" help:"Folders of shards, or a folder that holds them."`
	modelFlags
}

// Help shows examples.
func (mergeCmd) Help() string {
	return `Examples:
  bitcycle sweep arrays --shard 0/2; bitcycle sweep arrays --shard 1/2
  bitcycle merge results/arrays-0a1b2c3d
  bitcycle merge node1/results node2/results --out all

The result goes to the folder of --out, else to the first one given. Points that are missing or in several shards are named;
with missing ones the status is 1, and the sweep's own command with --out runs them.`
}

// Run joins shards into one folder.
func (c mergeCmd) Run(ctx context.Context, s *session) error {
	sources, err := sweep.Sources(c.Folders)
	if err != nil {
		return input(err)
	}
	spec, err := sweep.Load(filepath.Join(sources[0], sweep.SweepFile))
	if err != nil {
		return input(err)
	}
	plan, err := spec.Plan(ctx, sweep.Options{Network: c.opener(), Workers: s.Workers})
	if err != nil {
		return input(err)
	}
	for _, source := range sources[1:] {
		if m, err := store.ReadManifest(source); err != nil || m.Sweep != plan.Hash() {
			return input(fmt.Errorf("%s: of another sweep than %s: its points, files or models differ", source, sources[0]))
		}
	}
	path := s.into
	if path == "" {
		path = c.Folders[0]
	}
	return s.merge(ctx, plan, path, sources)
}

// merge takes the records of the sources into a folder.
func (s *session) merge(ctx context.Context, plan *sweep.Plan, path string, sources []string) error {
	folder, err := store.Open(path)
	if err != nil {
		return input(err)
	}
	found, err := plan.Merge(ctx, folder, sources)
	if err != nil {
		return input(errors.Join(err, folder.Close()))
	}
	table, err := plan.Complete(folder)
	if err == nil && len(found.Missing) == 0 {
		manifest := s.manifest(plan, "merge of "+strings.Join(sources, ", "))
		err = errors.Join(plan.Begin(folder, manifest), s.finish(ctx, table, folder, manifest))
	}
	if err = errors.Join(err, folder.Close()); err != nil {
		return input(err)
	}
	s.tell(plan, found)
	if err := s.writeSweep(table, path, ""); err != nil {
		return err
	}
	if n := len(found.Missing); n > 0 {
		return fmt.Errorf("%d of %d points are missing; to run them: bitcycle sweep %s --out %s", n, plan.Len(), filepath.Join(sources[0], sweep.SweepFile), path)
	}
	return nil
}

// tell names points that are in several shards, and those that are in none.
func (s *session) tell(plan *sweep.Plan, found *sweep.Merged) {
	const most = 5
	for i, id := range found.Double {
		if i == most {
			fmt.Fprintf(s.stderr, "bitcycle: and %d more points in several folders\n", len(found.Double)-most)
			break
		}
		fmt.Fprintf(s.stderr, "bitcycle: point %v is in several folders, with the same result\n", id)
	}
	for k, i := range found.Missing {
		if k == most {
			fmt.Fprintf(s.stderr, "bitcycle: and %d more points are missing\n", len(found.Missing)-most)
			break
		}
		var words []string
		for k, v := range plan.Values(i) {
			words = append(words, plan.Keys[k]+" = "+v)
		}
		fmt.Fprintf(s.stderr, "bitcycle: missing: %s\n", strings.Join(words, ", "))
	}
}
