package testdata

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"testing"
)

// Receivers returns the exported types, sorted, that have a method of the given
// name in the Go files of a pattern: all that a test must not forget.
func Receivers(t testing.TB, pattern, method string) (types []string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != method {
				continue
			}
			if name := fmt.Sprint(f.Recv.List[0].Type); ast.IsExported(name) {
				types = append(types, name)
			}
		}
	}
	slices.Sort(types)
	return types
}
