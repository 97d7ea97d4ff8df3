//go:build !noproof

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"bitcycle/internal/files"
	"bitcycle/internal/proof"
	"bitcycle/internal/proof/reproduce"
	"bitcycle/reports"
)

type reproduceCmd struct {
	Paper  string `arg:"" predictor:"papers" help:"autoq, bcgd, lplr, mimo, multipoint or rff; see list papers."`
	Quick  bool   `help:"A minute's version."`
	Folder string `help:"Write the paper's figures (SVG, as --svg does) and contact sheets (PNG) to this folder." placeholder:"DIR"`
	Resume string `help:"Keep what is finished in this folder, and go on from what it has." placeholder:"DIR"`
}

// Help shows an example.
func (reproduceCmd) Help() string {
	return "Real data sets are found in $BITCYCLE_DATA, else in shared/data beside the repository.\n\nExample: bitcycle reproduce lplr --quick"
}

// Run sets the paper's headline beside ours.
func (c reproduceCmd) Run(ctx context.Context, s *session) error {
	if c.Folder != "" {
		if err := os.MkdirAll(c.Folder, 0o755); err != nil {
			return input(err)
		}
	}
	format, err := s.format()
	if err != nil {
		return input(err)
	}
	o := reproduce.Options{
		Quick: c.Quick, Seed: s.Seed, Workers: s.Workers, Folder: c.Folder, DataRoot: files.Shared("BITCYCLE_DATA", "data"),
		Pictures: c.Folder != "" || s.HTML != "" || s.SVG != "" || format == "html",
	}
	if s.SVG == "" {
		s.SVG = c.Folder
	}
	keep, err := openFolder(s, c.Paper, c.Resume)
	if err != nil {
		return err
	}
	o.Resume = keep.path
	if c.Paper != "mimo" {
		return keep.close(s, c.reproduce(ctx, s, o))
	}
	rounds, err := openResumable(c.Paper, filepath.Join(keep.path, "rounds.jsonl"))
	if err != nil {
		return keep.close(s, err)
	}
	o.Store = &rounds.States
	err = c.reproduce(ctx, s, o)
	return keep.close(s, errors.Join(err, rounds.log.Close()))
}

// reproduce makes the report.
func (c reproduceCmd) reproduce(ctx context.Context, s *session, o reproduce.Options) error {
	bar := s.progress()
	o.Progress = bar.update
	report, err := reproduce.Run(ctx, c.Paper, o)
	bar.done()
	if err != nil {
		return input(err)
	}
	hold := 0
	for _, claim := range report.Claims {
		if claim.Holds {
			hold++
		}
	}
	doc := &reports.Document{
		Title:       c.Paper + ": the paper's claims beside ours",
		Answer:      []string{fmt.Sprintf("%d of %d claims hold", hold, len(report.Claims))},
		Tables:      append([]*reports.Table{proof.ClaimTable(report.Claims)}, report.Tables...),
		Charts:      report.Charts,
		Identity:    []reports.Field{{Key: "paper", Value: c.Paper}, {Key: "quick", Value: c.Quick}, {Key: "seed", Value: s.Seed}},
		Assumptions: append(report.Assumptions, fmt.Sprintf("seed %d, bitcycle %s", s.Seed, version())),
	}
	doc.Result, doc.WallClock = report.JSON()
	for _, file := range report.Files {
		doc.Summary = append(doc.Summary, "wrote "+file)
	}
	return s.write(doc)
}
