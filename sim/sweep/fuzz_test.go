package sweep

import (
	"strings"
	"testing"
	"time"

	archconfigs "bitcycle/arch-configs"
)

// FuzzParse reads sweeps: problems name the file, and what is read can be asked how large
// it is.
func FuzzParse(f *testing.F) {
	for _, s := range List() {
		text, err := archconfigs.Files.ReadFile("sweeps/" + s.Name + ".toml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, seed := range []string{
		"", "name = 3", "[axes]\nw = { from = 0, to = 1e308, step = 1e-308 }", "[axes]\nw = { from = 1, to = 9223372036854775807, step = 1 }",
		"[axes]\nw = { from = 1, to = 2, times = 1 }", "[axes]\na = [1]\na = [2]", "name = \"\\u001b[2J\"", "[sample]\nrule = \"lhs\"\npoints = 9223372036854775807",
		"[axes]\nw = { from = nan, to = inf }", "a" + strings.Repeat(".a", 200) + " = 1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Parse("f.toml", []byte(text)); err != nil && !strings.HasPrefix(err.Error(), "f.toml") {
			t.Errorf("no file in %q", err)
		}
	})
}

// Ranges of too many values are refused before they are written out.
func TestEndlessRangesTakeNoTime(t *testing.T) {
	for _, table := range []string{"from = 0, to = 1e308, step = 1e-308", "from = 1, to = 9223372036854775807, step = 1", "from = 1, to = 2, times = 1.0000000000001", "from = -1e308, to = 1e308, step = 1"} {
		begin := time.Now()
		_, err := Parse("f.toml", []byte("name = \"a\"\n[base]\nworkload = \"resnet18\"\n[axes]\nbatch = { "+table+" }\n"))
		if took := time.Since(begin); err == nil || !strings.Contains(err.Error(), "more than 1048576 values") || took > time.Second {
			t.Errorf("%s: %v after %v", table, err, took)
		}
	}
}
