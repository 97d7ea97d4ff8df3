package schematest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"bitcycle/internal/strict"
)

// comments are what the Go source says of the fields of types.
type comments struct {
	t       testing.TB
	root    string // of the module
	parsed  map[string]bool
	types   map[string]string            // "path.Type" to its comment
	members map[string]map[string]string // "path.Type" to field to comment
}

func newComments(t testing.TB) *comments {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			break
		}
		if root == filepath.Dir(root) {
			t.Fatal("no go.mod above the test")
		}
		root = filepath.Dir(root)
	}
	return &comments{t, root, map[string]bool{}, map[string]string{}, map[string]map[string]string{}}
}

// of returns what is said of a type and of its fields by their Go names.
func (c *comments) of(typ reflect.Type) (about string, fields map[string]string) {
	path := typ.PkgPath()
	if !c.parsed[path] {
		c.parsed[path] = true
		c.parse(path)
	}
	name := path + "." + typ.Name()
	return c.types[name], c.members[name]
}

func (c *comments) parse(path string) {
	c.t.Helper()
	names, err := filepath.Glob(filepath.Join(c.root, strings.TrimPrefix(path, "bitcycle"), "*.go"))
	if err != nil || len(names) == 0 {
		c.t.Fatalf("no source of %s: %v", path, err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					c.declare(path, g, s)
				}
			}
		}
	}
}

func (c *comments) declare(path string, g *ast.GenDecl, s *ast.TypeSpec) {
	form, ok := s.Type.(*ast.StructType)
	if !ok {
		return
	}
	name := path + "." + s.Name.Name
	c.types[name] = g.Doc.Text()
	fields := map[string]string{}
	for _, f := range form.Fields.List {
		text := strings.TrimSpace(f.Doc.Text() + " " + f.Comment.Text())
		for _, n := range f.Names {
			fields[n.Name] = text
		}
	}
	c.members[name] = fields
}

var (
	pointer = regexp.MustCompile(`\s*See\s+\[[A-Za-z.]+\]\.`)
	camel   = regexp.MustCompile(`\b[A-Z][A-Za-z0-9]+(\.[A-Z][A-Za-z0-9]+)*\b`)
	blanks  = regexp.MustCompile(`\s+`)
)

// plain turns a comment on a field into a sentence about a key: names of fields of the
// same struct become keys.
func plain(text string, of reflect.Type) string {
	text = pointer.ReplaceAllString(text, "")
	text = camel.ReplaceAllStringFunc(text, func(word string) string {
		if key := keyAt(of, strings.Split(word, ".")); key != "" {
			return "`" + key + "`"
		}
		return word
	})
	return strings.TrimSuffix(strings.TrimSpace(blanks.ReplaceAllString(text, " ")), ".")
}

// keyAt is the dotted key of a path of fields; "" for none.
func keyAt(t reflect.Type, path []string) string {
	field, ok := t.FieldByName(path[0])
	key := field.Tag.Get("toml")
	if !ok || key == "" || key == "-" {
		return ""
	}
	if len(path) == 1 {
		return key
	}
	if field.Type.Kind() != reflect.Struct {
		return ""
	}
	if rest := keyAt(field.Type, path[1:]); rest != "" {
		return key + "." + rest
	}
	return ""
}

// fieldKeys lists the fields of a struct by key, in their order.
func fieldKeys(t reflect.Type) []string { return strict.FieldsOf(t).Names }
