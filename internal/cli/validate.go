//go:build !noproof

package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"bitcycle/internal/files"
	"bitcycle/internal/proof"
	"bitcycle/internal/proof/silicon"
	"bitcycle/internal/proof/validate"
	"bitcycle/reports"
)

type validateCmd struct {
	Rows   bool   `help:"Print every row, not only one line per source."`
	Plot   string `help:"Folder for a picture of each measured set (SVG)." placeholder:"DIR"`
	Golden string `help:"Folder of golden numbers (default: $BITCYCLE_GOLDEN, else shared/golden beside the repository, else those shipped)." placeholder:"DIR"`
}

// Help shows an example.
func (validateCmd) Help() string { return "Example: bitcycle validate --rows --format csv" }

// Run compares the models with golden and published numbers.
func (c validateCmd) Run(s *session) error {
	sources, tallies, err := validate.Run(validate.Folder(c.Golden))
	switch {
	case err != nil && c.Golden != "":
		return input(fmt.Errorf("%s: %w", c.Golden, err))
	case err != nil:
		return input(err)
	}
	rows, left := proof.RowTable(sources), proof.LeftTable(leftOf(tallies))
	rows.FilesOnly, left.FilesOnly = !c.Rows, !c.Rows
	doc := &reports.Document{
		Tables: []*reports.Table{proof.SourceTable(sources), rows, left},
		Charts: []reports.Chart{proof.RowChart()},
	}
	for _, tally := range tallies {
		doc.Summary = append(doc.Summary, tally.String())
	}
	if err := c.plot(sources); err != nil {
		return err
	}
	failed := 0
	for i := range sources {
		if !sources[i].Pass {
			failed++
		}
	}
	if !c.Rows {
		for i := range sources {
			sources[i].Detail = nil
		}
	}
	doc.Answer = []string{fmt.Sprintf("%d of %d sources keep to their bars", len(sources)-failed, len(sources))}
	doc.Result = map[string]any{"sources": sources, "sets": tallies}
	if err := s.write(doc); err != nil {
		return err
	}
	if err := c.faults(tallies); err != nil {
		return input(err)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d sources miss their bar", failed, len(sources))
	}
	return nil
}

func leftOf(tallies []silicon.Tally) []proof.LeftOf {
	var sets []proof.LeftOf
	for _, tally := range tallies {
		sets = append(sets, proof.LeftOf{File: tally.File, Left: tally.Left})
	}
	return sets
}

// faults are what could not be read; everything else was compared.
func (c validateCmd) faults(tallies []silicon.Tally) error {
	var errs []error
	folder := ""
	if c.Golden != "" {
		folder = c.Golden + ": "
	}
	for _, tally := range tallies {
		for _, fault := range tally.Faults {
			errs = append(errs, errors.New(folder+fault))
		}
	}
	return errors.Join(errs...)
}

// plot draws ours against theirs for each measured set.
func (c validateCmd) plot(sources []proof.Source) error {
	if c.Plot == "" {
		return nil
	}
	for _, set := range silicon.Sets() {
		for _, p := range silicon.Plots(set.File, sources) {
			err := files.Write(filepath.Join(c.Plot, p.Name+".svg"), func(w io.Writer) error { return p.Scatter.WriteSVG(w) })
			if err != nil {
				return input(err)
			}
		}
	}
	return nil
}
