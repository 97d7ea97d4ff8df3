// Package validate compares the machine model with golden examples and published
// numbers: every figure is computed by the same code that users run, on machines
// that are ordinary configurations. The vectors of the methods stand beside.
package validate

import (
	"errors"
	"io/fs"

	"bitcycle/internal/files"
	"bitcycle/internal/proof"
	"bitcycle/internal/proof/golden"
	"bitcycle/internal/proof/silicon"
)

// sources are all comparisons in the order of the report.
var sources = []func(golden fs.FS) ([]proof.Source, error){
	examples, scaleSim, haq, fusionFixed, fusionSearch, fusionPublished, fusionFigures,
	dramSim3, cacti, tables, chips, golden.Run,
}

// Folder returns the golden numbers of dir; of $BITCYCLE_GOLDEN, else shared/golden
// beside the repository, else those shipped, if dir is "".
func Folder(dir string) fs.FS {
	if dir == "" {
		dir = files.Shared("BITCYCLE_GOLDEN", "golden")
	}
	if dir == "" {
		return golden.Shipped()
	}
	return files.Folder(dir)
}

// Run compares with everything in a folder of golden numbers, and counts the rows of
// measured sets. A source whose files are absent is left out; none at all is an error.
func Run(golden fs.FS) ([]proof.Source, []silicon.Tally, error) {
	var all []proof.Source
	for _, compare := range sources {
		found, err := compare(golden)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		for _, s := range found {
			if len(s.Detail) > 0 {
				all = append(all, s)
			}
		}
	}
	measured, tallies := silicon.Compare(golden)
	all = append(all, measured...)
	if len(all) == 0 && len(tallies) == 0 {
		return nil, nil, errors.New("no golden numbers found")
	}
	return all, tallies, nil
}
