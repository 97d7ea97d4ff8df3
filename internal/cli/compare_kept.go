package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bitcycle/evaluate"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/store"
)

// comparisons is where what compare measures is kept: a result folder of a sweep for each
// network. Without a network that is measured nothing is.
type comparisons struct {
	*keptFolder
	cache   *store.Cache
	several bool
}

// keep opens the folder of --resume, or one for the time of the run.
func (c compareCmd) keep(s *session, jobs []crossJob) (*comparisons, error) {
	k := &comparisons{several: len(jobs) > 1}
	if !slices.ContainsFunc(jobs, func(j crossJob) bool { return j.subject != nil }) {
		if c.Resume != "" {
			return nil, input(fmt.Errorf("--resume = %s: costs alone take moments and are not kept", c.Resume))
		}
		return k, nil
	}
	var err error
	if k.keptFolder, err = makeFolder(s, "compare", c.Resume); err != nil {
		return nil, err
	}
	k.cache, err = c.openCache()
	return k, err
}

// close says how to go on if the run was interrupted.
func (k *comparisons) close(s *session, err error) error {
	k.cache.Close()
	if k.keptFolder == nil {
		return err
	}
	return k.keptFolder.close(s, err)
}

// keptComparison is a network's comparison as a sweep of two axes: methods and machines.
type keptComparison struct {
	in                *comparisons
	s                 *session
	path              string
	subject           *subject
	machines, methods []string
	spec              *sweep.Spec
	plan              *sweep.Plan
	points            map[[2]string]int // by method and machine
}

// measured prepares the sweep of a job, nil for costs alone.
func (k *comparisons) measured(s *session, c compareCmd, job *crossJob, i int) *keptComparison {
	if job.subject == nil {
		return nil
	}
	one := &keptComparison{in: k, s: s, path: k.path, subject: job.subject, methods: c.methods(defaultMethods...)}
	if k.several {
		one.path = filepath.Join(k.path, fmt.Sprintf("network-%d", i+1))
	}
	for name := range strings.SplitSeq(c.Machines, ",") {
		one.machines = append(one.machines, strings.TrimSpace(name))
	}
	one.spec = c.sweep(s, one, job.network)
	return one
}

// sweep is the sweep of a comparison.
func (c compareCmd) sweep(s *session, of *keptComparison, network string) *sweep.Spec {
	if network == "" {
		network = defaultNetwork
	}
	settings := map[string]string{"network": network, "data": of.subject.dataName, "seed": strconv.FormatInt(s.Seed, 10)}
	if of.subject.calibName != "" {
		settings["calib"] = of.subject.calibName
	}
	if c.Batch != nil {
		settings["batch"] = strconv.Itoa(*c.Batch)
	}
	if c.Bandwidth != nil {
		settings["bandwidth_gb_s"] = strconv.FormatFloat(*c.Bandwidth, 'g', -1, 64)
	}
	spec := &sweep.Spec{Name: "compare", Base: sweep.Base{Settings: settings, Set: s.Set, AsPublished: c.AsPublished, Images: c.Images}, Sample: sweep.Sample{Rule: "grid", Seed: 1}}
	for _, axis := range []sweep.Axis{sweep.Distinct("method", of.methods), sweep.Distinct("machine", of.machines)} {
		if len(axis.Values) == 1 {
			settings[axis.Keys[0]] = axis.Values[0][0]
		} else {
			spec.Axes = append(spec.Axes, axis)
		}
	}
	return spec
}

// run measures what the folder lacks.
func (k *keptComparison) run(ctx context.Context, progress func(stage string, done, total int)) error {
	quantizations, err := store.OpenCache(filepath.Join(k.path, "quantizations"))
	if err != nil {
		return err
	}
	k.plan, err = k.spec.Plan(ctx, sweep.Options{
		Network:  func(string, bool) (*netfile.File, error) { return k.subject.network, nil },
		Images:   k.images,
		Workers:  k.s.Workers,
		Progress: progress,
		Cache:    k.in.cache, Kept: quantizations,
	})
	if err != nil {
		return err
	}
	k.points = map[[2]string]int{}
	for i := range k.plan.Len() {
		k.points[[2]string{k.plan.Setting(i, "method"), k.plan.Setting(i, "machine")}] = i
	}
	folder, err := store.Open(k.path)
	if err != nil {
		return err
	}
	err = k.fill(ctx, folder)
	if bad := folder.Close(); err == nil {
		err = bad
	}
	return err
}

// fill runs the points, and finishes a folder that stays.
func (k *keptComparison) fill(ctx context.Context, folder *store.Folder) error {
	manifest := k.s.manifest(k.plan, "compare")
	if err := k.plan.Begin(folder, manifest); err != nil {
		return err
	}
	table, err := sweep.Run(ctx, k.plan, folder, sweep.Local{Workers: k.s.Workers}, nil)
	if err != nil {
		return err
	}
	k.s.tellRecalled(table)
	if k.in.own {
		return nil
	}
	return k.s.finish(ctx, table, folder, manifest)
}

// images are those of the subject.
func (k *keptComparison) images(_ context.Context, _ string, calib bool) (*dataset.Images, error) {
	if calib {
		return k.subject.calib, nil
	}
	return k.subject.data, nil
}

// measure is what a method made of the network for a machine.
func (k *keptComparison) measure(ctx context.Context, method, machine int) (*evaluate.Measured, error) {
	return k.plan.Measured(ctx, k.points[[2]string{k.methods[method], k.machines[machine]}])
}
