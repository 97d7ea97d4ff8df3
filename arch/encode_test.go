package arch

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"bitcycle/internal/strict"
)

// reload encodes a machine and loads the text.
func reload(t rapid.TB, dir string, a *Accelerator) *Accelerator {
	var text bytes.Buffer
	if err := Encode(&text, a); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "again.toml")
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	b, err := Load(path, nil)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text.String())
	}
	return b
}

func TestEncodedShippedMachinesLoadBack(t *testing.T) {
	for _, s := range List() {
		a, err := Load(s.Name, nil)
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		if diff := cmp.Diff(a, reload(t, t.TempDir(), a)); diff != "" {
			t.Errorf("%s: %s", s.Name, diff)
		}
	}
}

func TestEncodedRandomMachinesLoadBack(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		a := drawMachine(t)
		if diff := cmp.Diff(a, reload(t, dir, a)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// drawMachine draws a valid machine: every value of the engine at random, those
// that break a rule put back to their defaults.
func drawMachine(t *rapid.T) *Accelerator {
	engine := rapid.SampledFrom(Engines()).Draw(t, "engine")
	tech := rapid.Float64Range(7, 130).Draw(t, "tech")
	base := Default(engine, tech)
	base.Name, base.VoltageV = "drawn", 1
	a := base
	drawFields(t, "", reflect.ValueOf(&a).Elem(), engine)
	a.Engine, a.TechNm = engine, tech
	if isPath(a.Memory.Preset) { // another one beside another file
		a.Memory.Preset = base.Memory.Preset
	}
	for try := range 20 {
		broken := a.problems()
		if len(broken) == 0 {
			return &a
		}
		for _, e := range broken {
			key := e.Key
			if try > 5 { // the rule is between values: put the whole table back
				key, _, _ = strings.Cut(key, ".")
			}
			restore(key, &a, &base)
			if try > 10 {
				restore("array", &a, &base)
			}
		}
	}
	t.Fatalf("no valid machine: %v", a.Validate())
	return nil
}

func restore(key string, a, base *Accelerator) {
	v, from := reflect.ValueOf(a).Elem(), reflect.ValueOf(base).Elem()
	for part := range strings.SplitSeq(key, ".") {
		i, ok := strict.FieldsOf(v.Type()).Index[part]
		if !ok {
			break
		}
		v, from = v.Field(i), from.Field(i)
		if v.Kind() != reflect.Struct || v.Type() == constantType {
			break
		}
	}
	v.Set(from)
}

var anyText = rapid.OneOf(rapid.StringOfN(rapid.RuneFrom(nil, unicode.L, unicode.N, unicode.P, unicode.S), 1, 8, 20), rapid.SampledFrom([]string{
	"\"quoted\" \\ and\ttabbed", "two\nlines", "µ·×", "ws", "os", "tile", "lane", "group", "lpt", "inorder", "flat", "ideal",
	"dram", "split", "max", "none", "planes", "rows", "32", "act", "both", "weights", "channel", "const", "serial", "table",
	"explicit", "itrs-hp", "idd", "edp", "exhaustive", "bg ba ro co", "ddr3-1600",
}))

func drawFields(t *rapid.T, prefix string, v reflect.Value, engine Engine) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		key := prefix + field.Tag.Get("toml")
		if only := field.Tag.Get("only"); only != "" && !belongs(only, engine) {
			continue
		}
		f := v.Field(i)
		switch f.Interface().(type) {
		case Constant:
			f.Set(reflect.ValueOf(Constant{rapid.Float64Range(0, 1e6).Draw(t, key), anyText.Draw(t, key+" source")}))
			continue
		case map[string]float64:
			f.Set(reflect.ValueOf(map[string]float64{"2": rapid.Float64Range(0.1, 9).Draw(t, key), "8": 1, "4": 3}))
			continue
		case map[string]string:
			f.Set(reflect.ValueOf(map[string]string{"array": anyText.Draw(t, key), "memory.kind": anyText.Draw(t, key)}))
			continue
		}
		switch f.Kind() {
		case reflect.Struct:
			drawFields(t, key+".", f, engine)
		case reflect.String:
			f.SetString(anyText.Draw(t, key))
		case reflect.Bool:
			f.SetBool(rapid.Bool().Draw(t, key))
		case reflect.Int:
			f.SetInt(int64(rapid.OneOf(rapid.IntRange(-1, 40), rapid.IntRange(0, 1<<20)).Draw(t, key)))
		case reflect.Float64:
			f.SetFloat(rapid.OneOf(rapid.Float64Range(0, 10), rapid.SampledFrom([]float64{1e9, 5e8, 9.80665e8, 1e-7, 123456789.5})).Draw(t, key))
		case reflect.Slice:
			f.Set(reflect.ValueOf(drawList(t, key, f.Type())))
		}
	}
}

func drawList(t *rapid.T, key string, kind reflect.Type) any {
	if kind == reflect.TypeFor[[]string]() {
		return rapid.SampledFrom([][]string{nil, {"clock_hz"}, {"array.sync", "energy.mac", "energy.sram.leakage_mw"}}).Draw(t, key)
	}
	return rapid.SampledFrom([][]int{nil, {8}, {2, 4, 8}, {1, 2, 3, 5, 16}}).Draw(t, key)
}

// FuzzLoad: no text crashes the loader, problems name the file, and what loads
// is valid and survives being shown.
func FuzzLoad(f *testing.F) {
	for _, s := range List() {
		doc, err := machines.open(s.Name, ".")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(doc.text, "array.rows=3")
	}
	f.Add("engine = \"systolic\"\na.b.c = {d = [1, {e = 2}], \"f.g\" = '''x'''}\n", "sources.array=x")
	f.Add("engine = \"simd\"\nunconfirmed = 3\nsources = 4\n[energy.mac]\nsource = []\n", "x")
	f.Fuzz(func(t *testing.T, text, set string) {
		top, err := strict.Parse("f.toml", text, 0)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.toml") {
				t.Fatalf("no file in %q", err)
			}
			return
		}
		name(top, "f.toml", "")
		if over, err := strict.ParseSet(set, 1); err == nil {
			machines.merge(top, over)
		}
		a, err := assemble[Accelerator](machines, top)
		if err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				if line == "" {
					t.Fatalf("an empty problem in %q", err)
				}
			}
			return
		}
		if err := a.Validate(); err != nil {
			t.Fatalf("loaded, but invalid: %v", err)
		}
		if diff := cmp.Diff(a, reload(t, t.TempDir(), a)); diff != "" {
			t.Fatal(diff)
		}
	})
}
