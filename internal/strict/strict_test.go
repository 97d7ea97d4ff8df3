package strict

import (
	"fmt"
	"strings"
	"testing"
)

type layer struct {
	Name   string  `toml:"name"`
	Stride int     `toml:"stride"`
	Bits   []uint8 `toml:"bits"`
}

type document struct {
	Name   string  `toml:"name"`
	Layers []layer `toml:"layer"`
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"name = 3", `f.toml:1: name = 3: must be a string, not a whole number`},
		{"name = \"a\"\n[[layer]]\nstride = 'x' # no\n", `f.toml:3: stride = 'x': must be a whole number, not a string`},
		{"[[layer]]\nbits = [1, 300]", `f.toml:2: bits = [1, 300]: 300 is out of range for uint8`},
		{"[[layer]]\nname = 'a'\n[[layer]]\nstridde = 2", `f.toml:4: no key "layer.stridde" (did you mean "stride"?)`},
		{"nmae = 'a'", `f.toml:1: no key "nmae" (did you mean "name"?)`},
		{"[other]\nx = 1", `f.toml:1: no key "other"`},
		{"name = = 2", `f.toml:1: expected value but found '=' instead`},
		{"name = 'a'\nname = 'b'", `f.toml:2: Key 'name' has already been defined`},
		{"colour = 1\nsize = 2", "f.toml:1: no key \"colour\"\nf.toml:2: no key \"size\""},
	} {
		var d document
		err := New("f.toml", []byte(c.text)).Decode(&d)
		if fmt.Sprint(err) != c.want {
			t.Errorf("%q:\n got %v\nwant %v", c.text, err, c.want)
		}
	}
}

func TestErrorPointsAtKey(t *testing.T) {
	f := New("f.toml", []byte("name = 'n'\n\n[[layer]]\nname = 'a'\n[[layer]]\n# b\nstride = 0\n"))
	for _, c := range []struct {
		err  error
		want string
	}{
		{f.Error("layer", 1, "stride", "must be at least %d", 1), "f.toml:7: stride = 0: must be at least 1"},
		{f.Error("layer", 1, "name", "is missing"), "f.toml:5: name: is missing"},
		{f.Error("layer", 0, "", "is odd"), "f.toml:3: is odd"},
		{f.Error("", 0, "name", "is short"), "f.toml:1: name = 'n': is short"},
		{f.Error("", 0, "bn", "is missing"), "f.toml: bn: is missing"},
	} {
		if c.err.Error() != c.want {
			t.Errorf("got %v, want %v", c.err, c.want)
		}
	}
}

func TestGuess(t *testing.T) {
	list := []string{"stride", "pad", "weight_bits", "act_bits"}
	for word, want := range map[string]string{"stirde": "stride", "weigth_bits": "weight_bits", "actbits": "act_bits", "xyz": "", "pda": "pad"} {
		if got := Guess(word, list); got != want {
			t.Errorf("Guess(%q) = %q, want %q", word, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name = 'n'\n[[layer]]\nstride = 1")
	f.Add("[[layer]]\n[layer.x]\n=")
	f.Fuzz(func(t *testing.T, text string) {
		var d document
		if err := New("f", []byte(text)).Decode(&d); err != nil && !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("%q: %v", text, err)
		}
	})
}
