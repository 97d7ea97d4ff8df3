package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"bitcycle/internal/files"
	"bitcycle/kernels/gemm"
	"bitcycle/kernels/netfile"
	"bitcycle/reports"
	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/store"
)

type sweepCmd struct {
	Name string `arg:"" optional:"" predictor:"sweeps" help:"Shipped sweep (list sweeps) or TOML file; without, the flags say all."`
	sweepFlags
	modelFlags
	natsFlags
	cacheFlags
	Lazy   bool   `help:"Measure accuracy no further than the front needs: images in growing batches, until a point is dominated for sure."`
	Layers bool   `help:"Also write every layer of every point to layers.parquet, priced again on this machine at the end."`
	DryRun bool   `help:"Count points and show the first five; run nothing."`
	Shard  string `help:"Run part I of N, from 0, into a folder of its own, for Slurm arrays and Kubernetes indexed jobs; merge joins them." placeholder:"I/N"`
}

// Help shows examples.
func (sweepCmd) Help() string {
	return `Examples:
  bitcycle sweep arrays
  bitcycle sweep my-sweep.toml --dry-run
  bitcycle sweep -m gemmini-default -w resnet18 --axis array.rows=8:64:x2 --axis memory.bits_per_cycle=64,128,256
  bitcycle sweep -m haq-bismo-edge,gemmini-default -q uniform --axis w=2:8 --axis a=4,8
  bitcycle sweep arrays -w mobilenet-v2 --constraint 'area_mm2<=4'

Results go to results/NAME-HASH, or the folder of --out: every point in results.csv, the front in report.html. Finished points
are kept: the same command goes on after Ctrl-C or a crash, and a longer axis runs what is new. docs/sweeps.md tells all.`
}

// Run expands the sweep and runs what its folder lacks.
func (c sweepCmd) Run(ctx context.Context, s *session) error {
	spec, err := c.spec(c.Name)
	if err != nil {
		return input(err)
	}
	spec.Sample.Seed = s.Seed
	spec.Base.Set = append(spec.Base.Set, s.Set...)
	spec.Base.Lazy = spec.Base.Lazy || c.Lazy
	cache, err := c.cache(spec)
	if err != nil {
		return err
	}
	defer cache.Close()
	plan, err := spec.Plan(ctx, sweep.Options{Network: c.opener(), Workers: s.Workers, Cache: cache})
	if err != nil {
		return input(err)
	}
	if c.DryRun {
		return c.estimate(ctx, s, plan)
	}
	if err := c.checkLayers(plan); err != nil {
		return input(err)
	}
	s.layers = c.Layers
	local := sweep.Local{Workers: s.Workers}
	switch {
	case plan.Most() != plan.Len() && (spec.Base.Lazy || c.Shard != ""):
		return input(errors.New("sample.rule = \"front\" chooses points by the results of others: --lazy and --shard do not go with it"))
	case spec.Base.Lazy && (c.Shard != "" || c.distributed()):
		return input(errors.New("--lazy looks at all points together: --shard, --nats and --listen do not go with it"))
	case c.Shard != "" && c.distributed():
		return input(errors.New("--shard runs a part by itself: --nats and --listen do not go with it"))
	case spec.Base.Lazy:
		share := -1.0
		err := s.sweep(ctx, plan, sweep.Lazy{Local: local, Share: &share}, "lazy")
		if share >= 0 && !s.Quiet {
			fmt.Fprintf(s.stderr, "bitcycle: executed %.1f %% of the images of all quantizations\n", 100*share)
		}
		return err
	case c.Shard != "":
		return c.shard(ctx, s, plan, local)
	case c.distributed():
		return c.cluster(ctx, s, plan)
	}
	return s.sweep(ctx, plan, local, "local")
}

// checkLayers sees that there are layers to be written.
func (c sweepCmd) checkLayers(plan *sweep.Plan) error {
	switch {
	case !c.Layers:
		return nil
	case layersFile == "":
		return errors.New("--layers: this program is built without Parquet")
	case !plan.HasLayers():
		return errors.New("--layers: front ends have none")
	case plan.Spec.Base.Lazy || c.Shard != "":
		return errors.New("--layers are of a whole sweep that measures everything: --lazy and --shard do not go with it")
	}
	return nil
}

// estimate tells what a sweep is and how long it will take.
func (c sweepCmd) estimate(ctx context.Context, s *session, plan *sweep.Plan) error {
	e, err := plan.Estimate(ctx, s.Workers)
	if err != nil {
		return input(err)
	}
	return s.write(reports.DryRun(plan, e, s.Workers))
}

// cache is where points of other sweeps are found. A lazy sweep measures what its own
// front needs, and looks at nothing else.
func (c sweepCmd) cache(spec *sweep.Spec) (*store.Cache, error) {
	if spec.Base.Lazy {
		return nil, nil
	}
	return c.openCache()
}

// shard runs a part of the plan.
func (c sweepCmd) shard(ctx context.Context, s *session, plan *sweep.Plan, local sweep.Local) error {
	part, err := sweep.ParseShard(c.Shard)
	if err != nil {
		return input(fmt.Errorf("--shard %s: %w", c.Shard, err))
	}
	part.Local = local
	path := s.into
	if path == "" {
		path = filepath.Join(s.folder(plan), fmt.Sprintf("shard-%d-of-%d", part.Index, part.Of))
	}
	folder, err := store.Open(path)
	if err != nil {
		return input(err)
	}
	manifest := s.manifest(plan, "shard "+c.Shard)
	table, err := s.fill(ctx, plan, folder, part, manifest)
	if err == nil { // the table waits for the others
		manifest.Finished = store.Now()
		err = errors.Join(folder.Sort(), folder.WriteManifest(manifest))
	}
	return s.whole(func() error { return errors.Join(s.afterwards(table, path, err), folder.Close()) })
}

// opener finds networks as the flags of models say.
func (f modelFlags) opener() func(name string, execute bool) (*netfile.File, error) {
	return func(name string, execute bool) (*netfile.File, error) {
		if execute {
			return f.load(name)
		}
		return f.shapes(name)
	}
}

// folder is where results go: the folder of --out, else one of the sweep's own.
func (s *session) folder(plan *sweep.Plan) string {
	if s.into != "" {
		return s.into
	}
	return filepath.Join("results", plan.Spec.Name+"-"+plan.FolderHash())
}

// sweep runs what the folder lacks of a plan and reports the front.
func (s *session) sweep(ctx context.Context, plan *sweep.Plan, runner sweep.Runner, name string) error {
	path := s.folder(plan)
	if plan.Finished(path) && s.hasLayers(path) {
		table, err := sweep.ReadTable(ctx, path)
		if err != nil {
			return input(err)
		}
		return s.writeSweep(table, path, "finished before: nothing was run")
	}
	folder, err := store.Open(path)
	if err != nil {
		return input(err)
	}
	manifest := s.manifest(plan, name)
	table, err := s.fill(ctx, plan, folder, runner, manifest)
	if err == nil {
		err = s.finish(ctx, table, folder, manifest)
	}
	return s.whole(func() error { return errors.Join(s.afterwards(table, path, err), folder.Close()) })
}

// manifest tells how the folder of a plan comes to be.
func (s *session) manifest(plan *sweep.Plan, runner string) store.Manifest {
	host, err := os.Hostname()
	if err != nil {
		host = "" // the folder is as good without
	}
	return store.Manifest{
		Schema: 1, Command: "bitcycle " + s.command, Version: version(), Model: sweep.Model, Seed: s.Seed,
		Kernel: gemm.Path(), Host: host, Runner: runner, Sweep: plan.Hash(), Points: plan.Len(), Started: store.Now(),
	}
}

// manyPoints is from where memory is worth more than the time to collect it: a million
// points are to fit into 500 MB.
const manyPoints = 300_000

// fill runs what a folder lacks of a plan.
func (s *session) fill(ctx context.Context, plan *sweep.Plan, folder *store.Folder, runner sweep.Runner, manifest store.Manifest) (*sweep.Table, error) {
	if err := plan.Begin(folder, manifest); err != nil {
		return nil, err
	}
	s.remember(func() string {
		return fmt.Sprintf("bitcycle: what was finished is in %s; to go on: bitcycle %s", folder.Path, s.command)
	})
	if plan.Len() > manyPoints {
		debug.SetGCPercent(40)
	}
	bar := s.progress()
	began, first := time.Now(), -1
	table, err := sweep.Run(ctx, plan, folder, runner, func(p sweep.Progress) {
		if first < 0 {
			first = p.Done
		}
		rate := float64(p.Done-first) / max(time.Since(began).Seconds(), 1e-3)
		bar.note(fmt.Sprintf("%.3g/s, %d failed, %d on the front", rate, p.Failed, p.Front))
		bar.update(plan.Spec.Name, p.Done, p.Total)
	})
	bar.done()
	if table != nil {
		s.tellRecalled(table)
	}
	return table, err
}

// finish writes all that a finished folder holds.
func (s *session) finish(ctx context.Context, table *sweep.Table, folder *store.Folder, manifest store.Manifest) error {
	if err := table.FindBeside(ctx); err != nil {
		return err
	}
	page := reports.Sweep(s.origin(), table)
	page.Origin = reports.Origin{Version: version(), Command: "report DIR", Seed: s.Seed}
	err := folder.Save("report.html", func(w io.Writer) error { return page.Write(w, reports.Style{Format: "html"}) })
	if err != nil {
		return err
	}
	if err := saveParquet(folder, table); err != nil {
		return err
	}
	if err := s.saveLayers(ctx, folder, table); err != nil {
		return err
	}
	return table.Finish(folder, manifest)
}

// hasLayers tells whether a folder has the layers that are wanted.
func (s *session) hasLayers(path string) bool {
	if !s.layers {
		return true
	}
	_, err := os.Stat(filepath.Join(path, layersFile))
	return err == nil
}

// saveLayers writes the layers of all points if they are wanted; otherwise those of a
// sweep with fewer points go.
func (s *session) saveLayers(ctx context.Context, folder *store.Folder, table *sweep.Table) error {
	if s.layers {
		return folder.Save(layersFile, func(w io.Writer) error { return writeLayers(ctx, w, table) })
	}
	if layersFile == "" {
		return nil
	}
	if err := os.Remove(filepath.Join(folder.Path, layersFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// afterwards reports what there is, and after an interruption how to go on.
func (s *session) afterwards(table *sweep.Table, path string, err error) error {
	switch {
	case err == nil:
		return s.writeSweep(table, path, "")
	case errors.Is(err, context.Canceled) && table != nil:
		if table.Known() > 0 {
			err = errors.Join(err, s.writeSweep(table, path, ""))
		}
		fmt.Fprintf(s.stderr, "bitcycle: %d of %d points are in %s; to go on: bitcycle %s\n", table.Known(), table.Len(), path, s.command)
		return err
	}
	return input(err)
}

// writeSweep reports a table and where its files are.
func (s *session) writeSweep(table *sweep.Table, path, note string) error {
	doc := reports.Sweep(s.origin(), table)
	if note != "" {
		doc.Summary = append(doc.Summary, note)
	}
	if table.Known() == table.Len() {
		doc.Summary = append(doc.Summary, fmt.Sprintf("every point: %s; page: %s", files.Printable(filepath.Join(path, sweep.ResultsFile)), files.Printable(filepath.Join(path, "report.html"))))
	}
	return s.write(doc)
}
