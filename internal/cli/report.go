package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"bitcycle/reports"
	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/store"
)

type reportCmd struct {
	Folder string   `arg:"" predictor:"folders" help:"Result folder of a sweep."`
	Front  bool     `help:"The front alone, in files too."`
	Where  []string `help:"Points for which this holds, such as 'array.rows<=32', 'method=uniform' or 'area_mm2<4'; may repeat. The front is that of the points left." sep:"none" placeholder:"CONDITION"`
}

// Help shows examples.
func (reportCmd) Help() string {
	return `Examples:
  bitcycle report results/arrays-0a1b2c3d
  bitcycle report results/arrays-0a1b2c3d --where 'array.rows<=32' --format csv
  bitcycle report results/arrays-0a1b2c3d --front --format markdown --out front.md`
}

// Run draws a folder's results again.
func (c reportCmd) Run(ctx context.Context, s *session) error {
	table, err := results(ctx, c.Folder)
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
	doc := reports.Sweep(s.origin(), table)
	if format, _ := s.format(); !c.Front && format == "csv" { // of which there is one table
		doc.Tables = doc.Tables[1:]
	}
	return s.write(doc)
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
