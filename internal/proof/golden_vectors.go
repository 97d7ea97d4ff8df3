package proof

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"bitcycle/internal/proof/golden"
	bcgdgolden "bitcycle/internal/proof/golden/bcgd"
	lplrgolden "bitcycle/internal/proof/golden/lplr"
	mimogolden "bitcycle/internal/proof/golden/mimo"
	multipointgolden "bitcycle/internal/proof/golden/multipoint"
	rffgolden "bitcycle/internal/proof/golden/rff"
)

// Vectors is the verdict on the golden vectors of one method.
type Vectors struct {
	Method string
	Rows   []golden.Row
}

// vectorFiles names the golden vectors of each method below methods/.
var vectorFiles = []struct {
	method string
	check  func(r io.Reader) ([]golden.Row, error)
}{
	{"bcgd", bcgdgolden.Check},
	{"lplr", lplrgolden.Check},
	{"mimo", mimogolden.Check},
	{"multipoint", multipointgolden.Check},
	{"rff", rffRows},
}

// CheckVectors judges the golden vectors of every method whose file lies in
// dir/methods; files that are not there are left out.
func CheckVectors(dir string) ([]Vectors, error) {
	var out []Vectors
	for _, v := range vectorFiles {
		file, err := os.Open(filepath.Join(dir, "methods", v.method+".json"))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		rows, err := v.check(file)
		file.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		out = append(out, Vectors{v.method, rows})
	}
	return out, nil
}

// rffRows adapts the verdicts of package rff's checker.
func rffRows(r io.Reader) ([]golden.Row, error) {
	rows, err := rffgolden.Check(r)
	out := make([]golden.Row, len(rows))
	for i, row := range rows {
		out[i] = golden.Row(row)
	}
	return out, err
}
