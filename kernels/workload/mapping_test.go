package workload

import (
	"strings"
	"testing"

	"bitcycle/internal/strict"

	"github.com/google/go-cmp/cmp"
)

// parseMapping reads a mapping that errors call m.toml.
func parseMapping(data []byte) (Mapping, error) { return decodeMapping(strict.New("m.toml", data)) }

func TestParseMapping(t *testing.T) {
	m, err := parseMapping([]byte("[[op]]\nname = \"conv1\"\noh = 8\now = 16\noc = 64\norder = [\"OC\", \"OH\"]\n\n[[op]]\nname = \"*\"\nic = 32\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := Mapping{"conv1": {OH: 8, OW: 16, OC: 64, Order: []string{"OC", "OH"}}, "*": {IC: 32}}
	if diff := cmp.Diff(want, m); diff != "" {
		t.Error(diff)
	}
	if m.Of("conv1").OH != 8 || m.Of("conv2").IC != 32 || (Mapping{}).Of("conv1") != nil {
		t.Error("an op has other loops")
	}
	w := &Workload{Ops: []Op{{Name: "conv2", Kind: Conv}, {Name: "add", Kind: Vector}}}
	if diff := cmp.Diff([]string{"conv1"}, m.Unknown(w)); diff != "" {
		t.Error(diff)
	}
}

// Every problem is told with its line.
func TestParseMappingRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"": "m.toml: op: a mapping needs at least one [[op]]",
		"[[op]]\nname = \"a\"\noh = -1\norder = [\"OH\", \"XX\", \"OH\"]\n[[op]]\nname = \"a\"": "m.toml:3:6: oh = -1: must be 0 to",
		"[[op]]\nname = \"a\"\norder = [\"OH\", \"XX\"]":                                        `"XX": want each of B, OH, OW, OC, KH, KW, IC at most once`,
		"[[op]]\nname = \"a\"\norder = [\"OH\", \"OH\"]":                                        `"OH": want each of`,
		"[[op]]\noh = 3":                             "name: must be given once and not empty",
		"[[op]]\nname = \"a\"\nrows = 3":             `no key "op.rows"`,
		"[[op]]\nname = \"a\"\n[[op]]\nname = \"a\"": "must be given once",
	} {
		_, err := parseMapping([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
