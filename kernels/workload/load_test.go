package workload

import (
	"strings"
	"testing"
)

const example = `name = "example"

[[op]]
name = "conv2"
kind = "conv"
in = [64, 56, 56]
kernel = [3, 3]
stride = 1
pad = 1
out_channels = 64
weight_bits = 4
act_bits = 8
out_bits = 8
batch = 1

[[op]]
name = "fc"
kind = "matmul"
m = 10
k = 64
n = 1
weight_bits = [8, 8, 4, 4, 4, 4, 2, 2, 2, 2]
act_bits = 8
`

func TestParse(t *testing.T) {
	w, err := Parse("example.toml", []byte(example))
	if err != nil {
		t.Fatal(err)
	}
	conv, fc := &w.Ops[0], &w.Ops[1]
	if conv.M != 64 || conv.K != 576 || conv.N != 3136 || conv.MACs() != 64*576*3136 || conv.OutBits != 8 {
		t.Errorf("conv2 = %+v", conv)
	}
	if fc.M != 10 || fc.K != 64 || fc.N != 1 || fc.WeightBits.At(9) != 2 || len(w.Producers(1)) != 1 || w.Producers(1)[0] != 0 {
		t.Errorf("fc = %+v", fc)
	}
}

func TestParseRejects(t *testing.T) {
	edit := func(from, to string) string { return strings.Replace(example, from, to, 1) }
	for name, test := range map[string]struct{ text, want string }{
		"unknown key":      {edit("out_channels", "out_chanels"), `w.toml:10: `},
		"wrong type":       {edit("m = 10", `m = "ten"`), "w.toml:"},
		"bad kind":         {edit(`"conv"`, `"cnv"`), `w.toml:5:8: kind = "cnv": must be conv`},
		"width too large":  {edit("weight_bits = 4", "weight_bits = 17"), "weight_bits = 17: must be 0 to 16"},
		"widths too few":   {edit("[8, 8, 4", "[8, 4"), "must be one for all or one for each of 10"},
		"missing key":      {edit("m = 10\n", ""), "m: is missing"},
		"kernel too large": {edit("kernel = [3, 3]", "kernel = [99, 3]"), "does not fit"},
		"no ops":           {`name = "x"`, "needs at least one"},
		"unknown producer": {example + "from = [\"nobody\"]\n", `"nobody" is no earlier op`},
		"name twice":       {edit(`"fc"`, `"conv2"`), "must be given once"},
		"dynamic conv":     {edit("stride = 1", "dynamic = true"), "w.toml:8:11: dynamic = true: must be a matmul of batch 1"},
		"syntax":           {"name = ", "w.toml:1"},
	} {
		_, err := Parse("w.toml", []byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("[[op]]\nname = \"a\"\nkind = \"matmul\"\nm = 1048576\nk = 1048576\nn = 1048576\n")
	f.Add("[[op]]\nname = \"v\"\nkind = \"vector\"\nelements = 9223372036854775807\n")
	f.Add("name = \"x\\u001b[31m\"\n[[op]]\nname = \"\"\nkind = \"conv\"\nin = [-1, nan, 1e308]\n")
	f.Add("a" + strings.Repeat(".a", 300) + " = [" + strings.Repeat("[", 300))
	f.Add("[[op]]\nkind = \"chain\"\nlength = 3\nrows = 1\nname = \"c\"")
	f.Fuzz(func(t *testing.T, text string) {
		if w, err := Parse("fuzz.toml", []byte(text)); err == nil {
			if err := w.Validate(); err != nil {
				t.Fatalf("an invalid workload was read: %v", err)
			}
		}
	})
}
