package workload

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bitcycle/internal/testdata"
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
		"bad kind":         {edit(`"conv"`, `"cnv"`), `w.toml:5: kind = "cnv": must be conv`},
		"width too large":  {edit("weight_bits = 4", "weight_bits = 17"), "weight_bits = 17: must be 0 to 16"},
		"widths too few":   {edit("[8, 8, 4", "[8, 4"), "must be one for all or one for each of 10"},
		"missing key":      {edit("m = 10\n", ""), "m: is missing"},
		"kernel too large": {edit("kernel = [3, 3]", "kernel = [99, 3]"), "does not fit"},
		"no ops":           {`name = "x"`, "needs at least one"},
		"unknown producer": {example + "from = [\"nobody\"]\n", `"nobody" is no earlier op`},
		"name twice":       {edit(`"fc"`, `"conv2"`), "must be given once"},
		"syntax":           {"name = ", "w.toml:1"},
	} {
		_, err := Parse("w.toml", []byte(test.text))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, err, test.want)
		}
	}
}

// drawWorkload draws a valid workload of every kind of op.
func drawWorkload(t *rapid.T) *Workload {
	text := "name = \"drawn\"\n"
	n := rapid.IntRange(1, 5).Draw(t, "ops")
	for i := range n {
		text += "\n[[op]]\nname = \"op" + string(rune('a'+i)) + "\"\n"
		text += rapid.SampledFrom([]string{
			"kind = \"conv\"\nin = [4, 9, 8]\nkernel = [3, 2]\nstride = [2, 1]\npad = [1, 0, 0, 1]\ngroups = 2\nout_channels = 6\nweight_bits = [1, 2, 3, 0, 5, 16]\n",
			"kind = \"conv\"\nin = [3, 5, 5]\nkernel = [1, 1]\ndilation = 2\nout_channels = 2\npoints = [1, 3]\nweight_bits = 4\nvector_ops = 2\n",
			"kind = \"depthwise\"\nin = [5, 7, 7]\nkernel = [3, 3]\npad = 1\nact_signed = true\n",
			"kind = \"matmul\"\nm = 3\nk = 70\nbatch = 16\nout_bits = 16\n",
			"kind = \"chain\"\nlength = 100\nrows = 3\nblock = 25\norder = 2\nact_bits = 12\n",
			"kind = \"vector\"\nelements_in = 20\nelements_out = 10\nvector_ops = 10\n",
		}).Draw(t, "op")
		if i > 0 && rapid.Bool().Draw(t, "from") {
			text += "from = [\"\", \"opa\"]\n"
		}
	}
	w, err := Parse("drawn.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWriteRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawWorkload(t)
		var out bytes.Buffer
		if err := Write(&out, w); err != nil {
			t.Fatal(err)
		}
		back, err := Parse("back.toml", out.Bytes())
		if err != nil {
			t.Fatalf("%v in\n%s", err, out.String())
		}
		if !reflect.DeepEqual(w, back) {
			t.Fatalf("got %+v, want %+v", back, w)
		}
	})
}

func TestReadTopology(t *testing.T) {
	w, err := ReadTopology("t.csv", strings.NewReader("Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides, Stride width,\nconv1,10,11,3,3,2,4,2,3,\n\nlast,5,5,5,5,1,2,1,\n"))
	if err != nil {
		t.Fatal(err)
	}
	op := &w.Ops[0]
	if op.K != 18 || op.M != 4 || op.Out != [2]int{5, 4} || len(w.Ops) != 2 || w.Ops[1].N != 1 {
		t.Errorf("conv1 = %+v", op)
	}
	w, err = ReadTopology("g.csv", strings.NewReader("Layer, M, N, K,\nfc,7,8,9,\n"))
	if err != nil || w.Ops[0].N != 7 || w.Ops[0].M != 8 || w.Ops[0].K != 9 {
		t.Errorf("fc = %+v, %v", w, err)
	}
	for _, text := range []string{"", "h\n", "h,a\nconv,1,2\n", "h,a\nconv,1,2,x,4,5,6,7\n", "h,a\nconv,2,2,3,3,1,1,1\n"} {
		if _, err := ReadTopology("bad.csv", strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), "bad.csv") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

func TestLoadPublishedTopologies(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(testdata.Golden(t, "peers/scalesim/topologies"), "*.csv"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no topologies: %v", err)
	}
	for _, path := range paths {
		w, err := Load(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := w.Validate(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "missing.toml")); !os.IsNotExist(err) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(example)
	f.Add("[[op]]\nkind = \"chain\"\nlength = 3\nrows = 1\nname = \"c\"")
	f.Fuzz(func(t *testing.T, text string) {
		if w, err := Parse("fuzz.toml", []byte(text)); err == nil {
			if err := w.Validate(); err != nil {
				t.Fatalf("an invalid workload was read: %v", err)
			}
		}
	})
}

func FuzzReadTopology(f *testing.F) {
	f.Add("name,h,w,fh,fw,c,n,s\nconv,10,10,3,3,2,4,1,\n")
	f.Add("Layer,M,N,K\nfc,1,2,3\n")
	f.Fuzz(func(t *testing.T, text string) {
		if w, err := ReadTopology("fuzz.csv", strings.NewReader(text)); err == nil {
			if err := w.Validate(); err != nil {
				t.Fatalf("an invalid workload was read: %v", err)
			}
		}
	})
}
