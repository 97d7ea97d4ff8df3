package cli

import (
	"context"
	"fmt"

	"bitcycle/internal/golden"
	"bitcycle/internal/reproduce"
	"bitcycle/reports"
)

type reproduceCmd struct {
	Paper  string `arg:"" help:"autoq, bcgd, lplr, mimo, multipoint or rff."`
	Quick  bool   `help:"A minute's version."`
	Folder string `help:"Write plots (SVG) and contact sheets (PNG) to this folder." placeholder:"DIR"`
	Resume string `help:"autoq, bcgd, mimo: keep what is finished in this folder (mimo: file), and go on from what it has." placeholder:"PATH"`
}

// Help shows an example.
func (reproduceCmd) Help() string {
	return "Real data sets are found in $BITCYCLE_DATA, else in shared/data beside the repository.\n\nExample: bitcycle reproduce lplr --quick"
}

// Run sets the paper's headline beside ours.
func (c reproduceCmd) Run(ctx context.Context, s *session) error {
	o := reproduce.Options{
		Quick: c.Quick, Seed: s.Seed, Workers: s.Workers, Folder: c.Folder, DataRoot: golden.Folder("BITCYCLE_DATA", "data"),
	}
	if c.Paper == "autoq" || c.Paper == "bcgd" {
		keep, err := openFolder(c.Paper, c.Resume)
		if err != nil {
			return err
		}
		o.Resume = keep.path
		return keep.close(s, c.reproduce(ctx, s, o))
	}
	kept, err := openResumable("reproduce-"+c.Paper, c.Resume)
	if err != nil {
		return err
	}
	o.Store = &kept.States
	return kept.close(s, c.reproduce(ctx, s, o))
}

// reproduce makes the report.
func (c reproduceCmd) reproduce(ctx context.Context, s *session, o reproduce.Options) error {
	bar := s.progress()
	o.Progress = bar.update
	report, err := reproduce.Run(ctx, c.Paper, o)
	bar.done()
	if err != nil {
		return err
	}
	doc := &reports.Document{
		Tables:      append(report.Tables, report.ClaimTable(c.Paper+": the paper's claims beside ours")),
		Assumptions: append(report.Assumptions, fmt.Sprintf("seed %d, bitcycle %s", s.Seed, version())),
		Result:      map[string]any{"claims": report.Claims, "tables": reports.AllRows(report.Tables)},
	}
	for _, file := range report.Files {
		doc.Summary = append(doc.Summary, "wrote "+file)
	}
	return s.write(doc)
}
