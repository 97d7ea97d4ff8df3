package strict

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

type layer struct {
	Name   string   `toml:"name"`
	Stride int      `toml:"stride"`
	Bits   []uint8  `toml:"bits"`
	Pad    *int     `toml:"pad"`
	Rate   float32  `toml:"rate"`
	From   []string `toml:"from"`
}

type document struct {
	Name   string             `toml:"name"`
	Deep   bool               `toml:"deep"`
	Input  layer              `toml:"input"`
	Layers []layer            `toml:"layer"`
	Rates  map[string]float64 `toml:"rates"`
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"name = 3", `f.toml:1:8: name = 3: want a string`},
		{"name = \"a\"\n[[layer]]\nstride = 'x' # no\n", `f.toml:3:10: layer.stride = "x": want a whole number`},
		{"[[layer]]\nbits = [1, 300]", `f.toml:2:8: layer.bits = [1, 300]: want a list with items each a whole number from 0 to 255: 300 is not`},
		{"[[layer]]\nbits = [1, 'x']", `f.toml:2:8: layer.bits = [1, "x"]: want a list with items each a whole number`},
		{"[[layer]]\nname = 'a'\n[[layer]]\nstridde = 2", `f.toml:4: no key "layer.stridde" (did you mean "layer.stride"?)`},
		{"layer = [{name = 'a'}, {\nstridde = 2}]", `f.toml:2: no key "layer.stridde" (did you mean "layer.stride"?)`},
		{"nmae = 'a'", `f.toml:1: no key "nmae" (did you mean "name"?)`},
		{"[other]\nx = 1", `f.toml:1: no key "other"`},
		{"name = = 2", `f.toml:1:8: expected value but found '=' instead`},
		{"name = 'a'\nname = 'b'", `f.toml:2:1: Key 'name' has already been defined`},
		{"colour = 1\nsize = 2", "f.toml:1: no key \"colour\"\nf.toml:2: no key \"size\""},
		{"layer = []", `<nil>`},
		{"layer = 3", `f.toml:1:9: layer = 3: want tables: [[layer]]`},
		{"[layer]\nname = 'a'", `f.toml:1:1: layer = a table: want tables: [[layer]]`},
		{"[[input]]\nname = 'a'", `f.toml:1:1: input = [a table]: want a table`},
		{"input = 3", `f.toml:1:9: input = 3: want a table`},
		{"[[name]]\nx = 1", `f.toml:1:1: name = "a list of tables": want a string`},
		{"[input]\nrate = 1e39", `f.toml:2:8: input.rate = 1e+39: want a finite number`},
		{"[input]\nrate = nan\nstride = 1.5\npad = 'x'", "f.toml:2:8: input.rate = nan: want a finite number\nf.toml:3:10: input.stride = 1.5: want a whole number\nf.toml:4:7: input.pad = \"x\": want a whole number"},
		{"rates = {a = 1, b = 'x'}", `f.toml:1:21: rates.b = "x": want a finite number`},
		{"\"a\\u001b[2J\" = 1", `f.toml:1: no key "a\u001B[2J"`},
		{"name = \"a\\u001b[2J\"", `f.toml:1:8: name = "a\u001B[2J": want a string without control characters`},
		{"\ufeffname = 3", `f.toml:1:8: name = 3: want a string`},
		{"deep = 1\r\nname = 2\r\n", "f.toml:1:8: deep = 1: want true or false\nf.toml:2:8: name = 2: want a string"},
		{"name = '''\nx''' \nnmae = 2", "f.toml:3: no key \"nmae\" (did you mean \"name\"?)"},
	} {
		var d document
		err := New("f.toml", []byte(c.text)).Decode(&d)
		if fmt.Sprint(err) != c.want {
			t.Errorf("%q:\n got %v\nwant %v", c.text, err, c.want)
		}
	}
}

func TestErrorPointsAtKey(t *testing.T) {
	f := New("f.toml", []byte("name = 'n'\n\n[[layer]] # w=4\nname = 'a'\n[[layer]] # stride = 3\n# b\nstride = 0\n[input]\nfrom = [\n 'x', 'y']\n"))
	for _, c := range []struct {
		err  error
		want string
	}{
		{f.Error("layer", 1, "stride", "must be at least %d", 1), "f.toml:7:10: stride = 0: must be at least 1"},
		{f.Error("layer", 1, "name", "is missing"), "f.toml:5: name: is missing"},
		{f.Error("layer", 0, "", "is odd"), "f.toml:3: is odd"},
		{f.Error("layer", 7, "name", "is odd"), "f.toml:3: name: is odd"},
		{f.Error("", 0, "name", "is short"), `f.toml:1:8: name = "n": is short`},
		{f.Error("", 0, "bn", "is missing"), "f.toml: bn: is missing"},
		{f.Error("input", 0, "from", "is odd"), `f.toml:9:8: from = ["x", "y"]: is odd`},
		{f.Error("output", 0, "to", "is odd"), `f.toml: to: is odd`},
	} {
		if c.err.Error() != c.want {
			t.Errorf("got %v, want %v", c.err, c.want)
		}
	}
	if !f.Has("input", "from") || f.Has("input", "to") || f.Has("output") {
		t.Error("Has is wrong about what is set")
	}
}

// TestErrorsAreCounted shows twenty problems and counts the others.
func TestErrorsAreCounted(t *testing.T) {
	var text bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&text, "key%d = 1\n", i)
	}
	err := New("f.toml", text.Bytes()).Decode(&document{})
	all := strings.Split(err.Error(), "\n")
	if len(all) != Shown+1 || all[0] != `f.toml:1: no key "key0"` || all[19] != `f.toml:20: no key "key19"` || all[20] != "and 4980 more problems" {
		t.Errorf("%d lines, the last %q", len(all), all[len(all)-1])
	}
	errs := make([]error, 22)
	for i := range errs {
		errs[i] = fmt.Errorf("problem %d", i)
	}
	errs[0] = nil
	if all := strings.Split(Join(errs).Error(), "\n"); len(all) != Shown+1 || all[20] != "and one more problem" {
		t.Errorf("joined %q", all)
	}
	if Join([]error{nil}) != nil || Join(nil) != nil {
		t.Error("nothing is no error")
	}
}

// cpuTime is what the process has used, whatever else the machine does.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// TestTimeIsLinear reads texts that quadratic readers take minutes for.
func TestTimeIsLinear(t *testing.T) {
	repeat := func(text string) string { return strings.Repeat(text, 1<<18/len(text)) }
	var keys, tables strings.Builder
	for i := range 15_000 {
		fmt.Fprintf(&keys, "key%d=%d\n", i, i)
		fmt.Fprintf(&tables, "[t%d]\nx=1\n", i)
	}
	for name, text := range map[string]string{
		"dotted key": "a" + repeat(".a") + " = 1", "dotted header": "[a" + repeat(".a") + "]", "keys": keys.String(), "tables": tables.String(),
		"lists": "name = " + repeat("["), "inline tables": "name = " + repeat("{a="), "list of tables": repeat("[[layer]]\nname='a'\n"),
		"numbers": "[[layer]]\nbits = [" + repeat("300,") + "]", "wrong lists": repeat("[[layer]]\nbits = [1,2,3,'x']\n"),
		"a string": "name = '" + repeat("x") + "'\nname = 3", "a long name": "[[layer]]\nname = ['" + repeat("x") + "']", "unfinished": "name = '''" + repeat("'' "),
		"comments": repeat("# x\n") + "name = 3", "one comment": "name = 3 # " + repeat("x"), "equal signs": repeat("="), "brackets": repeat("]\n"),
	} {
		started := cpuTime(t)
		err := New("f.toml", []byte(text)).Decode(&document{})
		if took := cpuTime(t) - started; took > 2*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if err != nil && len(err.Error()) > 20_000 {
			t.Errorf("%s: an error of %d bytes", name, len(err.Error()))
		}
	}
}

func TestDeepNesting(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("a.", maxDepth) + "a = 1", "[" + strings.Repeat("a.", maxDepth) + "a]", "x = " + strings.Repeat("[", 40) + strings.Repeat("]", 40),
		"x = " + strings.Repeat("{a=", 40) + "1" + strings.Repeat("}", 40),
	} {
		_, err := Parse("f.toml", text, 0)
		if err == nil || !strings.HasPrefix(err.Error(), "f.toml:1:") || !strings.Contains(err.Error(), "nested deeper than 32 levels") {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if _, err := ParseSet(strings.Repeat("a.", 100)+"a=1", 0); err == nil {
		t.Error("a deep setting was taken")
	}
	if n, err := ParseSet("a="+strings.Repeat("[", 100), 0); err != nil || n.Text("a") == "" {
		t.Errorf("a text of brackets: %v", err)
	}
}

func TestGuess(t *testing.T) {
	list := []string{"stride", "pad", "weight_bits", "act_bits"}
	for word, want := range map[string]string{
		"stirde": "stride", "weigth_bits": "weight_bits", "actbits": "act_bits", "xyz": "", "": "", "pda": "pad", strings.Repeat("stride", 20): "",
	} {
		if got := Guess(word, list); got != want {
			t.Errorf("Guess(%q) = %q, want %q", word, got, want)
		}
	}
}

// TestPlaces writes documents of known layout and finds every value where it was put.
func TestPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var text strings.Builder
		type spot struct {
			key       string
			line, col int
		}
		var spots []spot
		line := 1
		emit := func(s string) {
			text.WriteString(s)
			line += strings.Count(s, "\n")
		}
		filler := rapid.SampledFrom([]string{"", "\n", "# a = 1\n", "  # [x]\n", "\r\n\n"})
		value := rapid.SampledFrom([]string{"1", "'a # b'", "\"x = \\\"y\\\" [z]\"", "[1, 2]", "[\n1, # one ]\n2]", "'''a\n[b]\n'''", "{p = 1, q = [{r = 2}]}", "\"\"\"\\\"\"\"\" # \" "})
		put := func(prefix, key string) {
			emit(filler.Draw(t, "filler"))
			indent := strings.Repeat(" ", rapid.IntRange(0, 3).Draw(t, "indent"))
			written := key
			if rapid.Bool().Draw(t, "quoted") {
				written = "\"" + key + "\""
			}
			head := indent + written + " = "
			spots = append(spots, spot{prefix + key, line, len(head) + 1})
			emit(head + value.Draw(t, "value") + rapid.SampledFrom([]string{"\n", " # c = 3\n"}).Draw(t, "end"))
		}
		for i := range rapid.IntRange(0, 4).Draw(t, "keys") {
			put("", fmt.Sprintf("k%d", i))
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "tables") {
			emit(filler.Draw(t, "filler"))
			spots = append(spots, spot{fmt.Sprintf("t%d", i), line, 1})
			emit(fmt.Sprintf("[t%d] # w=4\n", i))
			put(fmt.Sprintf("t%d.", i), "a")
			put(fmt.Sprintf("t%d.", i), "b")
		}
		n, err := Parse("f", text.String(), 0)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text.String())
		}
		for _, s := range spots {
			at := n.Find(s.key)
			if at == nil || at.At.Line != s.line || at.At.Col != s.col {
				t.Fatalf("%s is at %v, want %d:%d in\n%s", s.key, at, s.line, s.col, text.String())
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add("name = 'n'\n[[layer]]\nstride = 1")
	f.Add("[[layer]]\n[layer.x]\n=")
	f.Add("layer = [{name='a'}, 3, [{}]]\n\"a.b\" = {}\nrates.x.y = 1")
	f.Fuzz(func(t *testing.T, text string) {
		var d document
		doc := New("f", []byte(text))
		if err := doc.Decode(&d); err != nil && (!strings.HasPrefix(err.Error(), "f:") || strings.ContainsRune(err.Error(), 0x1b)) {
			t.Errorf("%q: %v", text, err)
		}
		for _, table := range []string{"", "layer", "input", "none"} {
			if err := doc.Error(table, 1, "name", "is odd"); !strings.HasPrefix(err.Error(), "f:") {
				t.Errorf("%q: %v", text, err)
			}
		}
	})
}
