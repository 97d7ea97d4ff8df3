package cli

import (
	"context"
	"fmt"

	"bitcycle/internal/golden"
	"bitcycle/internal/reproduce"
	"bitcycle/mimo"
	"bitcycle/reports"
)

type reproduceCmd struct {
	Paper  string `arg:"" help:"bcgd, lplr, mimo, multipoint or rff."`
	Quick  bool   `help:"A minute's version."`
	Folder string `help:"Write plots (SVG) and contact sheets (PNG) to this folder." placeholder:"DIR"`
	Resume string `help:"mimo: keep finished rounds in this file, and go on from those it has." placeholder:"FILE"`
}

// Help shows an example.
func (reproduceCmd) Help() string {
	return "Real data sets are found in $BITCYCLE_DATA, else in shared/data beside the repository.\n\nExample: bitcycle reproduce lplr --quick"
}

// Run sets the paper's headline beside ours.
func (c reproduceCmd) Run(ctx context.Context, s *session) error {
	kept, err := openResumable("reproduce-"+c.Paper, c.Resume)
	if err != nil {
		return err
	}
	return kept.close(s, c.reproduce(ctx, s, &kept.States))
}

// reproduce makes the report.
func (c reproduceCmd) reproduce(ctx context.Context, s *session, store *mimo.States) error {
	bar := s.progress()
	report, err := reproduce.Run(ctx, c.Paper, reproduce.Options{
		Quick: c.Quick, Seed: s.Seed, Workers: s.Workers, Folder: c.Folder,
		DataRoot: golden.Folder("BITCYCLE_DATA", "data"), Progress: bar.update, Store: store,
	})
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
