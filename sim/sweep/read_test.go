package sweep

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

const whole = `
schema = 1
name = "whole"
[base]
machine = "gemmini-default"
workload = "tiny-resnet8"
batch = 2
[axes]
method = ["uniform", "uniform:first=0"]
w = { from = 2, to = 8, times = 2 }
a = { from = 4, to = 8, step = 2 }
array.rows = [8, 16]
[[zip]]
"buffers.inputs.bytes" = ["64KiB", "128KiB"]
"memory.bits_per_cycle" = [64, 128.5]
[sample]
count = 20
rule = "sobol"
[objectives]
minimise = ["latency_per_image_s", "area_mm2"]
[constraints]
area_mm2 = "<= 4"
`

func TestReadAndWriteBack(t *testing.T) {
	s, err := Parse("whole.toml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := []Axis{
		{Keys: []string{"method"}, Values: [][]string{{"uniform"}, {"uniform:first=0"}}, At: "whole.toml:9:1"},
		{Keys: []string{"w"}, Values: [][]string{{"2"}, {"4"}, {"8"}}, At: "whole.toml:10:1"},
		{Keys: []string{"a"}, Values: [][]string{{"4"}, {"6"}, {"8"}}, At: "whole.toml:11:1"},
		{Keys: []string{"array.rows"}, Values: [][]string{{"8"}, {"16"}}, At: "whole.toml:12:1"},
		{Keys: []string{"buffers.inputs.bytes", "memory.bits_per_cycle"}, Values: [][]string{{"64KiB", "64"}, {"128KiB", "128.5"}}, At: "whole.toml:13"},
	}
	for i := range want {
		got := s.Axes[i]
		if !reflect.DeepEqual(got.Keys, want[i].Keys) || !reflect.DeepEqual(got.Values, want[i].Values) {
			t.Errorf("axis %d is %v, want %v", i, got, want[i])
		}
	}
	if s.Sample.Rule != "sobol" || len(s.Constraints) != 1 || s.Constraints[0].String() != "area_mm2 <= 4" || s.Base.Settings["batch"] != "2" {
		t.Errorf("read %+v", s)
	}
	var text bytes.Buffer
	if err := s.Write(&text); err != nil {
		t.Fatal(err)
	}
	back, err := Parse("back.toml", text.Bytes())
	if err != nil {
		t.Fatalf("%v in\n%s", err, text.String())
	}
	if got, want := ids(t, back), ids(t, s); !reflect.DeepEqual(got, want) {
		t.Errorf("written and read back, the points are others:\n%s", text.String())
	}
}

// ids are those of all points of a sweep.
func ids(t testing.TB, s *Spec) []ID {
	t.Helper()
	p, err := s.Plan(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	list := make([]ID, p.Len())
	for i := range list {
		list[i] = p.ID(i)
	}
	return list
}

func TestReadRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[axes]\nw = []", `x.toml:2:5: axes.w = []: wants at least one value`},
		{"[axes]\nw = [2, 4, 2]", `x.toml:2:5: axes.w = [2, 4, 2]: given twice`},
		{"[axes]\nw = 3", `want a list of values`},
		{"[axes]\nw = { from = 3, to = 2 }", `wants from ≤ to`},
		{"[axes]\nw = { from = 3, to = 9, times = 1 }", `wants a factor above 1`},
		{"[axes]\nw = { from = 3, to = 9, stp = 1 }", `stp: want from, to, and step or times`},
		{"[[zip]]\nw = [1]\na = [1, 2]", `w has 1 values and a has 2: axes of a zip move together`},
		{"[axes]\nw = [1]\n[[zip]]\nw = [1]", `w varies already`},
		{"[objectives]\nminimise = [\"latency\"]", `no figure "latency"`},
		{"[objectives]\nminimise = [\"ser\", \"top1\", \"power_w\", \"slack\", \"latency_s\"]", `at most 4`},
		{"[constraints]\ntop1 = 3", `x.toml:2:8: constraints.top1 = 3: want a bound such as`},
		{"[sample]\nrule = \"sobl\"", `want grid | random | lhs | halton | sobol`},
		{"[base]\nimages = -1", `want a whole number of at least 0`},
		{"name = \"a/b\"", `must be the name of a folder`},
		{"axis = 3", `no key "axis"`},
		{"[axes", "x.toml:1:"},
	} {
		_, err := Parse("x.toml", []byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

func TestPlanRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[base]\nmachine = \"gemmini-default\"", "nothing to run"},
		{"[base]\nworkload = \"resnet18\"", "give machine"},
		{"[base]\nworkload = \"resnet18\"\nmachine = \"gemini\"", `no machine "gemini"`},
		{"[base]\nworkload = \"resnet81\"\nmachine = \"gemmini-default\"", `no workload "resnet81"`},
		{"[base]\nworkload = \"resnet18\"\nmachine = \"gemmini-default\"\n[axes]\n\"array.rws\" = [8]", "x.toml:5:"},
		{"[base]\nworkload = \"resnet18\"\nmachine = \"gemmini-default\"\n[axes]\nbits = [8]", `no key "bits"`},
		{"[base]\nworkload = \"resnet18\"\nmachine = \"gemmini-default\"\nas_published = true\nbatch = 1", "batch and bandwidth_gb_s do not go with it"},
		{"[base]\nworkload = \"resnet18\"\nmachine = \"gemmini-default\"\n[axes]\nbatch = [0]", "batch = 0"},
		{"[base]\nworkload = \"resnet18\"\nmachine = \"gemmini-default\"\n[axes]\nseed = { from = 1, to = 4000 }\n\"array.rows\" = { from = 1, to = 4000 }", "16000000 points: at most 10000000 are run; take a sample"},
		{"[base]\nfrontend = \"sd-zf-256\"\n[axes]\nprecoder = [\"nothing\"]", `precoder = "nothing"`},
	} {
		s, err := Parse("x.toml", []byte(c.text))
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if _, err = s.Plan(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.text, err, c.want)
		}
	}
}

func TestParseAxis(t *testing.T) {
	for text, want := range map[string]string{
		"w=2:5":              "2 3 4 5",
		"w=4,8":              "4 8",
		"rows=8:64:x2":       "8 16 32 64",
		"x=0:0.3:0.1":        "0.0 0.1 0.2 0.3",
		"x=1e6,2e6":          "1e6 2e6",
		"b=64KiB,1MiB":       "64KiB 1MiB",
		"w=[4, 8],[2]":       "[4, 8] [2]",
		"method=uniform:w=2": "uniform:w=2",
	} {
		a, err := ParseAxis(text)
		var got []string
		for _, v := range a.Values {
			got = append(got, v[0])
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"w", "=3", "w=", "w=5:2", "w=1:2:0", "w=1,,2", "w=1,1", "w=0:9:x2"} {
		if _, err := ParseAxis(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}
