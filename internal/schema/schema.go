// Package schema holds the JSON schemas of the files that people write, for editors:
// every key with its type, unit, default, allowed values and meaning. They are made
// from the Go types, their comments and the checks themselves by the tests of the
// packages that read the files (go test ./arch ./kernels/workload ./kernels/netfile ./quantizers ./sim/sweep -update).
package schema

import (
	"embed"
	"slices"
	"strings"
)

//go:embed *.json
var files embed.FS

// Kinds lists what there are schemas of.
func Kinds() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("schema: " + err.Error())
	}
	kinds := make([]string, len(entries))
	for i, e := range entries {
		kinds[i] = strings.TrimSuffix(e.Name(), ".json")
	}
	slices.Sort(kinds)
	return kinds
}

// Of returns the schema of a kind of file; nil for no such kind.
func Of(kind string) []byte {
	text, err := files.ReadFile(kind + ".json")
	if err != nil {
		return nil
	}
	return text
}
