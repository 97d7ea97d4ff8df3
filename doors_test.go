package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// doors are the functions of the standard library that open or write a file without a
// limit or a way back, by package.
var doors = map[string][]string{
	"os":          {"Open", "OpenFile", "OpenInRoot", "ReadFile", "Create", "CreateTemp", "WriteFile", "Rename", "DirFS"},
	"archive/zip": {"OpenReader"},
	"image":       {"Decode"},
}

// TestFilesGoThroughOneDoor finds files of the product that are opened or written past internal/files,
// pictures that are decoded past internal/picture, and second readers of TOML and npy.
func TestFilesGoThroughOneDoor(t *testing.T) {
	readers := map[string]string{
		"github.com/BurntSushi/toml": "internal/strict internal/schema/schematest", "github.com/nlpodyssey/safetensors": "internal/tensors kernels/train",
		"compress/gzip": "internal/files", "archive/zip": "internal/npy",
	}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata/") || strings.HasPrefix(path, "tools/") {
			return err
		}
		folder := filepath.ToSlash(filepath.Dir(path))
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		names := map[string]string{} // of the packages imported
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if only, bound := readers[imported]; bound && !strings.Contains(" "+only+" ", " "+folder+" ") && !strings.HasPrefix(folder, "internal/npy/npytest") {
				t.Errorf("%s imports %s: that is for %s", path, imported, only)
			}
			name := imported[strings.LastIndexByte(imported, '/')+1:]
			if spec.Name != nil {
				name = spec.Name.Name
			}
			names[name] = imported
		}
		if folder == "internal/files" || folder == "internal/picture" {
			return nil
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if from, ok := selector.X.(*ast.Ident); ok {
				for _, name := range doors[names[from.Name]] {
					if selector.Sel.Name == name {
						t.Errorf("%s uses %s.%s: see internal/files", path, names[from.Name], name)
					}
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
