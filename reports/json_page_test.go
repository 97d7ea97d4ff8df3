package reports

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
)

// object is a type that JSON is made of: where it is declared, and its name.
type object struct{ folder, name, heading string }

// chapters are the parts of docs/json.md with the types of each.
var chapters = []struct {
	title, about string
	objects      []object
}{
	{"Every command", "One object.", []object{{".", "envelope", ""}}},
	{"run", "`result` of a run, and of a workload priced alone.", []object{{".", "RunResult", ""}, {".", "LayerResult", "totals, layers"}, {".", "AccuracyValue", "accuracy"}, {".", "FigureValues", "figures"}, {".", "UncertaintyValue", "uncertainty"}}},
	{"mimo", "`result` is `{frontend, rows, costs, needed}`: points of the curves, a cost for each precoder of each front end and, with `--target`, the ratio that each needs.", []object{{".", "frontEndRow", "rows"}, {"../mimo", "Tally", "tally"}, {".", "frontEndCost", "costs"}, {".", "neededRow", "needed"}, {"../sim", "Stage", "stages"}, {"../sim", "Component", "components of power_w"}}},
	{"validate", "`result` is `{sources, sets}`.", []object{{"../internal/proof", "Source", "sources"}, {"../internal/proof", "Row", "detail"}, {"../internal/proof/silicon", "Tally", "sets"}, {"../internal/proof", "Left", "left"}}},
	{"reproduce", "`result` is `{claims, tables}`.", []object{{"../internal/proof", "storedClaim", "claims"}}},
	{"Others", "`result` is one table, or a list of tables.", []object{{".", "TableRows", ""}}},
}

// TestJSONPage holds docs/json.md to the types that JSON is made of.
func TestJSONPage(t *testing.T) { testdata.Text(t, "../docs/json.md", []byte(jsonPage(t)), *update) }

func jsonPage(t *testing.T) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- made from the Go types by go test ./reports -update -->\n\n# JSON, schema %d\n\nKeys are `snake_case` and carry their unit. Fractions are fractions. What has no value is absent or null. New keys may appear within a schema; a key that changes its meaning gets another name.\n", SchemaVersion)
	for _, c := range chapters {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", c.title, c.about)
		for _, o := range c.objects {
			if o.heading != "" {
				fmt.Fprintf(&b, "\n### %s\n", markdown(o.heading))
			}
			fmt.Fprintf(&b, "\n| key | | meaning |\n|---|---|---|\n")
			for _, k := range keysOf(t, o) {
				fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.name, k.kind, markdown(k.about))
			}
		}
	}
	b.WriteString("\nKeys of the rows, in CSV and JSON alike:\n\n| table | of | keys |\n|---|---|---|\n")
	docs := documents()
	for _, command := range slices.Sorted(maps.Keys(docs)) {
		d := docs[command]
		for i, name := range d.TableNames() {
			var keys []string
			for _, c := range d.Tables[i].files().Columns {
				keys = append(keys, "`"+c.Key+"`")
			}
			fmt.Fprintf(&b, "| %s | %s | %s |\n", name, command, strings.Join(keys, " "))
		}
	}
	return b.String()
}

// jsonKey is a key of an object.
type jsonKey struct{ name, kind, about string }

// keysOf lists the keys of a type, those of embedded ones in their place. Each must say
// what it means.
func keysOf(t *testing.T, o object) []jsonKey {
	t.Helper()
	var keys []jsonKey
	for _, f := range structOf(t, o).Fields.List {
		if len(f.Names) == 0 {
			keys = append(keys, keysOf(t, embedded(o, f.Type))...)
			continue
		}
		name, _, _ := strings.Cut(tagOf(f), ",")
		if name == "" || name == "-" {
			continue
		}
		about := strings.Join(strings.Fields(f.Doc.Text()+" "+f.Comment.Text()), " ")
		if about == "" {
			t.Errorf("%s.%s: what does %q mean?", o.name, f.Names[0].Name, name)
		}
		keys = append(keys, jsonKey{name, kindOf(f.Type), about})
	}
	return keys
}

func tagOf(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	return reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
}

// embedded is the type of an embedded field: of the same package, or of mimo or sim.
func embedded(o object, e ast.Expr) object {
	switch e := e.(type) {
	case *ast.StarExpr:
		return embedded(o, e.X)
	case *ast.SelectorExpr:
		return object{"../" + e.X.(*ast.Ident).Name, e.Sel.Name, ""}
	case *ast.Ident:
		return object{o.folder, e.Name, ""}
	}
	panic(fmt.Sprintf("embedded %T", e))
}

// kindOf says what JSON has for a type.
func kindOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return kindOf(e.X)
	case *ast.ArrayType:
		if e.Len != nil {
			return plural("pair of", e.Elt)
		}
		return plural("list of", e.Elt)
	case *ast.MapType:
		return plural("object of", e.Value)
	case *ast.SelectorExpr:
		return kindOf(e.Sel)
	case *ast.Ident:
		switch e.Name {
		case "string":
			return "string"
		case "bool":
			return "boolean"
		case "any":
			return "value"
		case "int", "int64", "float64":
			return "number"
		case "Verdict", "Window": // which marshal themselves
			return "string"
		}
		return "object"
	}
	panic(fmt.Sprintf("type %T", e))
}

// plural is a kind of several things.
func plural(kind string, e ast.Expr) string {
	of := strings.Fields(kindOf(e))
	of[0] += "s" // lists of numbers
	return kind + " " + strings.Join(of, " ")
}

// structOf parses the declaration of a type.
func structOf(t *testing.T, o object) *ast.StructType {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(o.folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if s, ok := s.(*ast.TypeSpec); ok && s.Name.Name == o.name {
					return s.Type.(*ast.StructType)
				}
			}
		}
	}
	t.Fatalf("no type %s in %s", o.name, o.folder)
	return nil
}
