package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/reports"
	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/store"
)

type reportCmd struct {
	Results []string `arg:"" predictor:"files" help:"Result folder of a sweep, or what another command wrote with --json (also a folder of such files); several are drawn side by side."`
	Front   bool     `help:"The front of a sweep alone, in files too."`
	Base    string   `name:"compare" help:"Hold the results of a sweep against those of this folder." placeholder:"BASE"`
	Fail    string   `name:"fail-on" help:"With --compare: exit with status 1 if a point is worse by more than this, for example 'latency_per_image_s>+2%,top1<-0.5pp'." placeholder:"RULES"`
	Where   []string `help:"Points of a sweep for which this holds, such as 'array.rows<=32', 'method=uniform' or 'area_mm2<4'; may repeat. The front is that of the points left." sep:"none" placeholder:"CONDITION"`
}

// Help shows examples.
func (reportCmd) Help() string {
	return `Examples:
  bitcycle report results/arrays-0a1b2c3d
  bitcycle report results/arrays-0a1b2c3d --where 'array.rows<=32' --format csv
  bitcycle report results/arrays-0a1b2c3d --front --format markdown --out front.md
  bitcycle report run.json --html run.html                 # of bitcycle run --json --out run.json
  bitcycle report before.json after.json results/arrays-0a1b2c3d --html all.html
  bitcycle report new --compare base --fail-on 'latency_per_image_s>+2%,top1<-0.5pp' --format markdown
  bitcycle report new --format benchmark --out bench.json   # for github-action-benchmark, customSmallerIsBetter

Costs are compared exactly; accuracies measured on the same images pair by pair, and fail when the whole 95 % interval of the
change lies beyond the limit.`
}

// Run draws results again.
func (c reportCmd) Run(ctx context.Context, s *session) error {
	if len(c.Results) > 1 || !sweepFolder(c.Results[0]) {
		return c.documents(ctx, s)
	}
	table, err := results(ctx, c.Results[0])
	if err != nil {
		return input(err)
	}
	var conditions []sweep.Condition
	for _, text := range c.Where {
		one, err := sweep.ParseCondition(text)
		if err != nil {
			return input(fmt.Errorf("--where %w", err))
		}
		conditions = append(conditions, one)
	}
	if len(conditions) > 0 {
		if table, err = table.Where(conditions); err != nil {
			return input(fmt.Errorf("--where %w", err))
		}
		if table.Len() == 0 {
			return input(errors.New("--where leaves no points"))
		}
	}
	switch {
	case c.Base == "" && c.Fail != "":
		return input(errors.New("--fail-on goes with --compare BASE"))
	case c.Base != "":
		return c.compare(ctx, s, table)
	case s.Format == "benchmark":
		return s.benchmark(table)
	}
	doc := reports.Sweep(s.origin(), table)
	if format, _ := s.format(); !c.Front && format == "csv" { // of which there is one table
		doc.Tables = doc.Tables[1:]
	}
	return s.write(doc)
}

// compare holds a table against that of the base.
func (c reportCmd) compare(ctx context.Context, s *session, table *sweep.Table) error {
	base, err := results(ctx, c.Base)
	if err != nil {
		return input(err)
	}
	rules, err := sweep.ParseRules(c.rules(table))
	if err != nil {
		return input(fmt.Errorf("--fail-on %w", err))
	}
	outcomes, err := sweep.Outcomes(ctx, c.Results[0])
	if err != nil {
		return input(err)
	}
	before, err := sweep.Outcomes(ctx, c.Base)
	if err != nil {
		return input(err)
	}
	changes, onlyNew, onlyBase, err := table.Compare(base, rules, outcomes, before)
	if err != nil {
		return input(err)
	}
	if err := s.write(reports.Gate(s.origin(), table, c.Base, changes, onlyNew, onlyBase)); err != nil || c.Fail == "" {
		return err
	}
	failed := 0
	for i := range changes {
		if changes[i].Failed {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d figures are worse than --fail-on allows", failed, len(changes))
	}
	return nil
}

// rules are those of --fail-on, else any change of an objective for the worse.
func (c reportCmd) rules(table *sweep.Table) string {
	if c.Fail != "" {
		return c.Fail
	}
	var list []string
	for k, m := range table.Objectives {
		if table.Minimised(k) {
			list = append(list, sweep.Metrics[m].Key+">+0%")
		} else {
			list = append(list, sweep.Metrics[m].Key+"<-0%")
		}
	}
	return strings.Join(list, ",")
}

// benchmark writes figures for github-action-benchmark.
func (s *session) benchmark(table *sweep.Table) error {
	if s.Out == "" {
		return reports.Benchmark(s.stdout, table)
	}
	return input(files.Write(s.Out, func(w io.Writer) error { return reports.Benchmark(w, table) }))
}

// results reads the table of a finished folder.
func results(ctx context.Context, folder string) (*sweep.Table, error) {
	table, err := sweep.ReadTable(ctx, folder)
	if err == nil {
		return table, nil
	}
	if m, bad := store.ReadManifest(folder); errors.Is(err, fs.ErrNotExist) && bad == nil && m.Command != "" && m.Finished == "" {
		return nil, fmt.Errorf("%s: not finished: points are missing; to go on: %s", folder, m.Command)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no result folder of a sweep: %w", folder, err)
	}
	return nil, err
}
