package arch

import (
	"strings"
	"testing"
)

// What machines state can be read back, of shipped machines alone, and no machine that
// was changed passes for the one that was validated.
func TestTrust(t *testing.T) {
	list := map[string][]Validation{"b": {{"B, two", "RTL", 111, 0.1134, 0.06, -0.04, 0.5}}, "a": {{"A", "silicon", 1, 0, 0, 0, 0}}}
	text := validatedColumns + "\na,A,silicon,1,0,0,0,0\nb,\"B, two\",RTL,111,0.1134,0.06,-0.04,0.5\n"
	back, err := readValidations(text)
	if err != nil || len(back) != 2 || back["b"][0] != list["b"][0] || back["a"][0] != list["a"][0] {
		t.Errorf("%s: %v, %v", text, back, err)
	}
	if got := list["b"][0].String() + ", " + list["a"][0].String(); got != "111 RTL rows: mean 11 %, 1 silicon row: mean 0 %" {
		t.Error(got)
	}
	for _, bad := range []string{"", "machine\n", validatedColumns + "\na,b,c,x,0,0,0,0\n", validatedColumns + "\na,b,c,1,0,0,x,0\n"} {
		if _, err := readValidations(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
	for machine := range validations() {
		for _, c := range []struct {
			set  []string
			want string
		}{{nil, "validated on "}, {[]string{"batch=7"}, "as shipped, not as changed here: validated on "}} {
			a, err := Load(machine, c.set)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range a.Trust() {
				if !strings.HasPrefix(line, c.want) {
					t.Errorf("%s %v: %s", machine, c.set, line)
				}
			}
		}
	}
	for _, text := range []string{"engine = \"systolic\"\n", "base = \"tpu-v1\"\n"} {
		a, err := Parse("mine.toml", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Trust(); len(got) != 1 || got[0] != "never validated against figures of others" {
			t.Errorf("%s: %v", text, got)
		}
	}
}
