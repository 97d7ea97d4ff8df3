package workload

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

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
			"kind = \"matmul\"\nm = 5\nk = 7\nn = 6\ngroups = 2\ndynamic = true\n",
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
