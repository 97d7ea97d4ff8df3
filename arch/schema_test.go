package arch

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	archconfigs "bitcycle/arch-configs"
	"bitcycle/internal/schema/schematest"
	"bitcycle/internal/strict"
	"bitcycle/internal/testdata"
)

var update = flag.Bool("update", false, "rewrite the schemas")

// varied are a struct and all that differ from it in one key: a text that takes another
// of its words, a switch that is turned. check says what keys are held to.
func varied(of reflect.Value, check func(reflect.Value) strict.Holds) strict.Holds {
	all := strict.Holds{}
	add := func(v reflect.Value) strict.Holds {
		holds := check(v)
		for key, h := range holds {
			all[key] = schematest.Either(all[key], h)
		}
		return holds
	}
	first := add(of)
	var walk func(prefix string, v reflect.Value)
	walk = func(prefix string, v reflect.Value) {
		for key, i := range strict.FieldsOf(v.Type()).Index {
			key = prefix + key
			switch f := v.Field(i); f.Kind() {
			case reflect.Struct:
				walk(key+".", f)
			case reflect.Bool:
				f.SetBool(!f.Bool())
				add(of)
				f.SetBool(!f.Bool())
			case reflect.String:
				if h := first[key]; h != nil && key != "engine" {
					old := f.String()
					for _, word := range h.Words {
						f.SetString(word)
						add(of)
					}
					f.SetString(old)
				}
			}
		}
	}
	walk("", of)
	return all
}

func machineCases() []schematest.Case {
	var cases []schematest.Case
	for _, e := range Engines() {
		a := Default(e, 45)
		holds := varied(reflect.ValueOf(&a).Elem(), func(v reflect.Value) strict.Holds {
			r := &rules{held: strict.Holds{}}
			a.check(r)
			return r.held
		})
		a = Default(e, 45)
		a.Name = ""
		cases = append(cases, schematest.Case{Name: string(e), Value: reflect.ValueOf(a), Holds: holds})
	}
	return cases
}

// follows tells keys whose default follows from other values, and those that are scaled
// to the technology.
func follows() func(key string) string {
	text := map[string]string{"name": "the file's name", "engine": "must be given, here or in the base"}
	for _, e := range Engines() {
		early, derived, other := defaults(e, 45), Default(e, 45), Default(e, 28)
		m := early
		m.Memory.Ports, m.Memory.Kind = "split", "dram"
		m.Derive()
		compare(reflect.ValueOf(derived), reflect.ValueOf(other), "", func(key string, v reflect.Value) {
			if c, ok := v.Interface().(Constant); ok {
				text[key] = strict.FormatFloat(c.Value) + " at 45 nm, scaled"
			}
		})
		for _, with := range []Accelerator{derived, m} {
			compare(reflect.ValueOf(early), reflect.ValueOf(with), "", func(key string, _ reflect.Value) {
				if !strings.HasPrefix(key, "memory.ports") && key != "memory.kind" {
					text[key] = "from the other values"
				}
			})
		}
	}
	return func(key string) string { return text[key] }
}

// compare calls differs for every value in which two structs differ.
func compare(a, b reflect.Value, prefix string, differs func(key string, v reflect.Value)) {
	for key, i := range strict.FieldsOf(a.Type()).Index {
		x, y := a.Field(i), b.Field(i)
		switch {
		case x.Kind() == reflect.Struct && x.Type() != constantType:
			compare(x, y, prefix+key+".", differs)
		case !reflect.DeepEqual(x.Interface(), y.Interface()):
			differs(prefix+key, x)
		}
	}
}

// units are those that may follow a number in a text.
func units(key string) []string {
	factors := unitsFor(key)
	names := keysOf(factors)
	slices.SortFunc(names, func(a, b string) int {
		if factors[a] != factors[b] {
			return int(min(max(factors[a]-factors[b], -1), 1))
		}
		return strings.Compare(a, b)
	})
	return names
}

// baseKey is read before the rest.
var baseKey = schematest.Property{Name: "base", Node: &schematest.Node{
	Type: "string", Pattern: `\S`, Description: "shipped one, or path of a file beside this one, that says what this one does not",
}}

// unless wants a key, unless there is a base.
func unless(key string) *schematest.Node {
	return &schematest.Node{AnyOf: []*schematest.Node{{Required: []string{key}}, {Required: []string{"base"}}}}
}

// at is a condition on the value at a dotted key; with needed the key must be there.
func at(key string, needed bool, value *schematest.Node) *schematest.Node {
	name, rest, deeper := strings.Cut(key, ".")
	if deeper {
		value = at(rest, needed, value)
	}
	n := &schematest.Node{Properties: schematest.Properties{{Name: name, Node: value}}}
	if needed {
		n.Required = []string{name}
	}
	return n
}

// ofEngine forbids the keys of other engines where a file names its engine.
func ofEngine(e Engine) *schematest.Node {
	var others []any
	t := reflect.TypeFor[Array]()
	for _, key := range strict.FieldsOf(t).Names {
		if only := t.Field(strict.FieldsOf(t).Index[key]).Tag.Get("only"); only != "" && !belongs(only, e) {
			others = append(others, key)
		}
	}
	return &schematest.Node{
		If:   &schematest.Node{Properties: schematest.Properties{{Name: "engine", Node: &schematest.Node{Const: string(e)}}}, Required: []string{"engine"}, Not: &schematest.Node{Required: []string{"base"}}},
		Then: at("array", false, &schematest.Node{PropertyNames: &schematest.Node{Not: &schematest.Node{Enum: others}}}),
	}
}

// excluding is a pair as a condition.
func excluding(p *pair) *schematest.Node {
	when := at(p.key, true, &schematest.Node{Const: p.value})
	if p.flat {
		when = &schematest.Node{AllOf: []*schematest.Node{when, at("memory.kind", true, &schematest.Node{Const: "flat"})}}
	}
	return &schematest.Node{If: when, Then: at(p.needs.key, false, &schematest.Node{Enum: p.want})}
}

// needs says what the value of the first of some pairs needs, all together.
func needs(from []pair) string {
	var all []string
	for _, p := range from {
		if p.key == from[0].key && p.value == from[0].value {
			all = append(all, "`"+p.needs.key+"` = "+p.allowed())
		}
	}
	return strict.Format(from[0].value) + " needs " + strings.Join(all, ", ")
}

func machineSchema(t *testing.T) *schematest.Node {
	doc := &schematest.Document{
		Title: "machine", About: "An accelerator: its array, scratchpads, memory, energy and area; what is charged is in machine-model.md",
		Type: reflect.TypeFor[Accelerator](), Cases: machineCases(), Units: units, Default: follows(),
		Before: schematest.Properties{baseKey}, Conditions: []*schematest.Node{unless("engine")},
	}
	for _, e := range Engines() {
		doc.Conditions = append(doc.Conditions, ofEngine(e))
	}
	for i, p := range pairs {
		doc.Conditions = append(doc.Conditions, excluding(&pairs[i]))
		if i > 0 && pairs[i-1].key == p.key && pairs[i-1].value == p.value {
			continue // with the first of them
		}
		for _, c := range doc.Cases {
			c.Holds.Note(p.key, needs(pairs[i:]))
		}
	}
	n := schematest.Build(t, doc)
	doubtful(n, machines)
	return n
}

// doubtful lists the keys that may be unconfirmed.
func doubtful(n *schematest.Node, c *catalog) {
	var keys []any
	var walk func(t reflect.Type, prefix string)
	walk = func(t reflect.Type, prefix string) {
		for _, name := range strict.FieldsOf(t).Names {
			key, field := prefix+name, t.Field(strict.FieldsOf(t).Index[name]).Type
			if c.checkKeys(&map[string]string{}, &[]string{key}) == nil {
				keys = append(keys, key)
			}
			if field.Kind() == reflect.Struct && field != constantType {
				walk(field, key+".")
			}
		}
	}
	walk(c.root, "")
	for _, p := range n.Properties {
		if p.Name == "unconfirmed" {
			p.Items.Enum = keys
		}
	}
}

func frontEndSchema(t *testing.T) *schematest.Node {
	f := DefaultFrontEnd()
	f.Name = "x"
	holds := varied(reflect.ValueOf(&f).Elem(), func(reflect.Value) strict.Holds {
		r := &rules{held: strict.Holds{}}
		f.check(r)
		return r.held
	})
	silent := DefaultFrontEnd()
	n := schematest.Build(t, &schematest.Document{
		Title: "front end", About: "The radio side of a massive-MIMO base station, and the machine that precodes",
		Type: reflect.TypeFor[FrontEnd](), Cases: []schematest.Case{{Value: reflect.ValueOf(silent), Holds: holds}}, Units: units,
		Default: func(key string) string {
			return map[string]string{"name": "the file's name", "modulator.units": "array.antennas", "kind": "must be given, here or in the base"}[key]
		},
		Before: schematest.Properties{baseKey}, Conditions: []*schematest.Node{unless("kind")},
	})
	doubtful(n, frontEnds)
	return n
}

func dramSchema(t *testing.T) *schematest.Node {
	part := DRAM{Schema: 1, BusBits: 64}
	r := &rules{held: strict.Holds{}}
	part.check(r)
	for _, e := range r.broken {
		if _, rest, _ := strings.Cut(e.Key, "energy."); rest == "" {
			r.held.At(e.Key).Needed = true
		}
	}
	none := reflect.ValueOf(part)
	return schematest.Build(t, &schematest.Document{
		Title: "dram", About: "A memory part, for memory.preset: timings in DRAM clocks, energies of one rank of 64 data bits",
		Type: reflect.TypeFor[DRAM](), Cases: []schematest.Case{{Value: none, Holds: r.held}}, Units: func(string) []string { return nil },
	})
}

// The schemas are made of the types, their comments and the checks.
func TestSchemas(t *testing.T) {
	for name, n := range map[string]*schematest.Node{"machine": machineSchema(t), "frontend": frontEndSchema(t), "dram": dramSchema(t)} {
		testdata.Text(t, "../internal/schema/"+name+".json", n.Text(), *update)
	}
}

// The schemas take every shipped file, and every default written out.
func TestSchemasTakeWhatIsShipped(t *testing.T) {
	takes := map[string]func(text string) error{
		".": schematest.Validator(t, machineSchema(t)), "frontends": schematest.Validator(t, frontEndSchema(t)), "dram": schematest.Validator(t, dramSchema(t)),
	}
	files := 0
	for folder, takes := range takes {
		for _, name := range namesIn(folder) {
			text, err := fs.ReadFile(archconfigs.Files, strings.TrimPrefix(folder+"/", "./")+name+".toml")
			if err != nil {
				t.Fatal(err)
			}
			files++
			if err := takes(string(text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if files < 35 {
		t.Errorf("only %d files", files)
	}
	for _, e := range Engines() {
		var text bytes.Buffer
		a := Default(e, 45)
		if err := Encode(&text, &a); err != nil {
			t.Fatal(err)
		}
		if err := takes["."](text.String()); err != nil {
			t.Errorf("default %s: %v", e, err)
		}
	}
}

// between are those broken machines that only rules between several values find, of
// which the file has one alone.
var between = []string{"explicit scratchpad energy without constants", "a buffer smaller than a tile", "settings", "settings, decoded"}

// The schema refuses the broken machines that are refused.
func TestSchemaRefusesBrokenMachines(t *testing.T) {
	takes := schematest.Validator(t, machineSchema(t))
	refused := 0
	for _, c := range broken {
		if slices.Contains(between, c.name) {
			continue
		}
		refused++
		if takes(c.text) == nil {
			t.Errorf("%s: the schema takes it", c.name)
		}
	}
	if refused < 15 {
		t.Errorf("only %d machines", refused)
	}
	for _, p := range pairs { // both keys in one file
		if p.flat || p.key == "memory.overlap" {
			continue
		}
		for _, v := range values[p.needs.key] {
			if slices.Contains(p.want, v) {
				continue
			}
			text := "engine = \"systolic\"\n" + p.key + " = " + strict.Format(p.value) + "\n" + p.needs.key + " = " + strict.Format(v) + "\n"
			if takes(text) == nil {
				t.Errorf("the schema takes\n%s", text)
			}
		}
	}
}

// The schema of front ends refuses each of these alone.
func TestSchemaRefusesBrokenFrontEnds(t *testing.T) {
	takes := schematest.Validator(t, frontEndSchema(t))
	const head = "kind = \"frontend\"\n"
	if err := takes(head); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"[array]\nantennas = 4\n", head + "array.antenna = 3\n", head + "array.antennas = 0\n", head + "array.geometry = \"cube\"\n", head + "job.qam = 8\n",
		head + "converter.bits = 0\n", head + "modulator.levels = 3\n", head + "modulator.clock = 1e9\n", head + "signal.bandwidth_hz = \"0.85\"\n",
		head + "pa.peak_efficiency = 1.5\n", head + "job.detector = \"best\"\n", head + "rf.mixer_mw = { source = \"x\" }\n", head + "unconfirmed = [\"rf.mixer\"]\n",
	} {
		path := filepath.Join(t.TempDir(), "f.toml")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := LoadFrontEnd(path, nil)
		if refused := err != nil || strings.Contains(text, "detector"); !refused || takes(text) == nil { // of the uplink alone
			t.Errorf("the reader says %v, the schema %v\n%s", err, takes(text), text)
		}
	}
}
