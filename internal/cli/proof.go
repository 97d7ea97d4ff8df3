//go:build !noproof

package cli

import (
	"bitcycle/internal/proof"
	"bitcycle/internal/proof/reproduce"
	"bitcycle/reports"
)

// proofCommands are the commands of the proof wing: they test the product and
// are no part of it. The tag noproof builds a program without them.
type proofCommands struct {
	Reproduce reproduceCmd `cmd:"" help:"A paper's headline beside ours: autoq, bcgd, lplr, mimo, multipoint or rff."`
	Validate  validateCmd  `cmd:"" help:"Compare the models with golden and published numbers."`
}

// papers are those that reproduce knows.
func papers() []reports.Listed {
	var list []reports.Listed
	for _, p := range reproduce.Papers() {
		list = append(list, reports.Listed{Name: p.Name, Kind: "paper", About: p.Title})
	}
	return list
}

// storedKinds are results that report reads beside those of the product.
var storedKinds = []reports.Kind{proof.Read}
