package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/quantizers/lplr"
	"bitcycle/quantizers/rff"
)

// artifacts are the binary files that quantize saves, by their first bytes.
var artifacts = []struct {
	magic, kind string
	holds       func(r io.Reader) (string, error)
}{
	{"BCRF", "feature codes", holdsCodes},
	{"bitcycle lplr", "factors", holdsFactors},
}

// checkArtifact reads a whole artifact and says what it holds; kind is "" for any
// other file.
func checkArtifact(name string) (kind, holds string, err error) {
	file, err := files.Open(context.Background(), name, files.Data)
	if err != nil {
		return "", "", nil // a shipped name, or for the other readers to complain about
	}
	defer file.Close()
	r := bufio.NewReader(file)
	for _, a := range artifacts {
		if head, _ := r.Peek(len(a.magic)); bytes.Equal(head, []byte(a.magic)) {
			if holds, err = a.holds(r); err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
			return a.kind, holds, err
		}
	}
	return "", "", nil
}

func holdsCodes(r io.Reader) (string, error) {
	codes, recipe, err := rff.Read(r)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s: %d points of %d dimensions, %s kernel γ = %g, %d features, %d bits a point",
		codes.Scheme, codes.N, recipe.D, recipe.Kernel, recipe.Gamma, codes.M, codes.BitsPerPoint()), nil
}

func holdsFactors(r io.Reader) (string, error) {
	matrices, err := lplr.Read(r)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, m := range matrices {
		part := m.Name
		for _, p := range m.Rounds {
			part += fmt.Sprintf(" %d×%d by %d×%d at %d/%d bits", p.L.Rows, p.L.Cols, p.R.Rows, p.R.Cols, p.L.Bits, p.R.Bits)
		}
		parts = append(parts, fmt.Sprintf("%s, relative error %.4g", part, m.Error))
	}
	return strings.Join(parts, "; "), nil
}
