// Package reproduce repeats the headline experiments of the papers behind the
// methods and sets the papers' figures beside ours.
package reproduce

import (
	"context"
	"fmt"
	"sort"

	"bitcycle/internal/proof"
	"bitcycle/mimo"
	"bitcycle/reports"
)

// Report is the outcome of one reproduction.
type Report struct {
	Claims      []proof.Claim
	Tables      []*reports.Table
	Assumptions []string
	Files       []string // written beside the report
}

// Options tell how much to do.
type Options struct {
	Quick    bool
	Seed     int64
	Workers  int
	Folder   string // for pictures; "" writes none
	DataRoot string // real data sets; "" leaves out what needs them
	Progress func(stage string, done, total int)
	Store    *mimo.States // of link-level simulations, for interrupted runs; nil keeps none
	Resume   string       // folder where finished parts are kept and found; "" keeps none
}

func (o Options) step(stage string, done, total int) {
	if o.Progress != nil {
		o.Progress(stage, done, total)
	}
}

// papers is the table of reproductions.
var papers = map[string]func(ctx context.Context, o Options) (*Report, error){
	"autoq":      autoqReport,
	"lplr":       lplrReport,
	"multipoint": multipointReport,
	"bcgd":       bcgdReport,
	"mimo":       mimoReport,
	"rff":        rffReport,
}

// Papers lists what Run knows.
func Papers() []string {
	var names []string
	for name := range papers {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// Run reproduces a paper.
func Run(ctx context.Context, paper string, o Options) (*Report, error) {
	run, ok := papers[paper]
	if !ok {
		return nil, fmt.Errorf("no paper %q: want one of %v", paper, Papers())
	}
	return run(ctx, o)
}
