package quantizers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bitcycle/kernels/workload"
)

func TestQuantizeWeightsLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.SliceOfN(rapid.Float32Range(-3, 3), 1, 40).Draw(t, "w")
		bits := uint8(rapid.IntRange(0, 16).Draw(t, "bits"))
		q := QuantizeWeights(w, bits)
		top := int16(1)
		if bits > 1 {
			top = 1<<(bits-1) - 1
		}
		squared, plain := 0.0, 0.0
		largest := 0.0
		for _, x := range w {
			largest = max(largest, math.Abs(float64(x)))
		}
		for i, x := range w {
			c := q.Codes[i]
			if c > top || c < -top || bits == 0 && c != 0 || bits == 1 && largest > 0 && c != 1 && c != -1 {
				t.Fatalf("code %d at %d bits", c, bits)
			}
			squared += math.Pow(float64(x)-q.Scale*float64(c), 2)
			step := largest / float64(top)
			if step > 0 {
				plain += math.Pow(float64(x)-step*math.Round(float64(x)/step), 2)
			}
		}
		if bits > 1 && squared > plain*(1+1e-9)+1e-12 {
			t.Fatalf("squared error %v above that of max|w| clipping, %v", squared, plain)
		}
	})
}

// sqnr is the signal-to-quantization-noise ratio of q against x in decibels.
func sqnr(x, q []float32) float64 {
	var signal, noise float64
	for i, v := range x {
		d := float64(v) - float64(q[i])
		signal += float64(v) * float64(v)
		noise += d * d
	}
	return 10 * math.Log10(signal/noise)
}

func TestWideWeightsAreNearlyExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	w := make([]float32, 500)
	for i := range w {
		w[i] = float32(rng.NormFloat64())
	}
	last := -1.0
	for _, bits := range []uint8{1, 2, 3, 4, 6, 8, 12, 16} {
		q := QuantizeWeights(w, bits)
		back := make([]float32, len(w))
		for i, c := range q.Codes {
			back[i] = float32(q.Scale * float64(c))
		}
		db := sqnr(w, back)
		if db <= last {
			t.Errorf("%d bits: %.1f dB after %.1f dB with fewer", bits, db, last)
		}
		last = db
	}
	if last < 85 {
		t.Errorf("16 bits: %.1f dB", last)
	}
}

func TestHistogramDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float32Range(-100, 300), 1, 60).Draw(t, "values")
		cut := rapid.IntRange(0, len(values)).Draw(t, "cut")
		all, head, tail := NewHistogram(-100, 300), NewHistogram(-100, 300), NewHistogram(-100, 300)
		all.Add(values)
		tail.Add(values[cut:])
		head.Add(values[:cut])
		tail.Merge(head)
		if *all != *tail {
			t.Fatal("histograms differ")
		}
	})
}

// The least-squares steps of a half-rectified and of a whole Gaussian (Max, IRE
// Transactions on Information Theory 1960, table II for the latter).
func TestHistogramScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	half, whole := make([]float32, 200000), make([]float32, 200000)
	for i := range half {
		whole[i] = float32(rng.NormFloat64())
		half[i] = max(whole[i], 0)
	}
	u, s := NewHistogram(0, 5), NewHistogram(-5, 5)
	u.Add(half)
	s.Add(whole)
	if u.Signed() || !s.Signed() {
		t.Error("wrong signs")
	}
	for _, c := range []struct {
		h      *Histogram
		bits   uint8
		signed bool
		want   float64
	}{
		{u, 4, false, 0.19}, {u, 2, false, 0.65}, {s, 4, true, 0.335}, {s, 8, true, 0.031},
	} {
		if got := c.h.Scale(c.bits, c.signed); math.Abs(got-c.want) > 0.06*c.want {
			t.Errorf("%d bits: step %v, want about %v", c.bits, got, c.want)
		}
	}
	if NewHistogram(0, 0).Scale(8, false) != 1 {
		t.Error("an empty histogram has scale 1")
	}
	if got := u.Scale(12, false); got != 5./4095 {
		t.Errorf("12 bits: step %v, want the whole range", got)
	}
}

func TestPolicyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := &Policy{Name: rapid.StringMatching(`[a-z "]{0,8}`).Draw(t, "name")}
		for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z/.0-9]{1,6}`), 1, 4, rapid.ID).Draw(t, "layers") {
			p.Layers = append(p.Layers, workload.LayerWidths{
				Name:       name,
				ActBits:    uint8(rapid.IntRange(1, 16).Draw(t, "a")),
				WeightBits: rapid.SliceOfN(rapid.Uint8Range(0, 16), 1, 5).Draw(t, "w"),
			})
		}
		var out strings.Builder
		if err := p.Write(&out); err != nil {
			t.Fatal(err)
		}
		back, err := ParsePolicy("p.toml", []byte(out.String()))
		if err != nil || back.Name != p.Name || !reflect.DeepEqual(p.Layers, back.Layers) {
			t.Fatalf("%v: got %+v, want %+v", err, back, p)
		}
	})
}

func TestParsePolicyRejects(t *testing.T) {
	for text, want := range map[string]string{
		"[[layer]]\nname = \"a\"\nact_bits = 0\nweight_bits = 4\n":  "p.toml:3:12: act_bits = 0: must be 1 to 16",
		"[[layer]]\nname = \"a\"\nact_bits = 4\nweight_bits = 17\n": "p.toml:4:15: weight_bits = 17: must be 0 to 16",
		"[[layer]]\nname = \"a\"\nact_bits = 4\n":                   "weight_bits",
		"[[layer]]\nnam = \"a\"\n":                                  "nam",
		"name = \"x\"\n":                                            "needs at least one",
		"schema = 2\n[[layer]]\n":                                   "schema",
	} {
		if _, err := ParsePolicy("p.toml", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

// Both errors with their own lines, whatever a comment holds.
func TestPolicyErrorsBehindComments(t *testing.T) {
	text := "schema = 1\nname = \"x\"\n\n[[layer]] # w=4\nname = \"conv1\"\nact_bits = 8\nweight_bits = [\n 4,\n 77 ]\n\n" +
		"[[layer]]\nname = \"conv2\"\nact_bits = 99\nweight_bits = 4\n"
	_, err := ParsePolicy("p.toml", []byte(text))
	want := "p.toml:7:15: weight_bits = [4, 77]: must be 0 to 16\np.toml:13:12: act_bits = 99: must be 1 to 16"
	if fmt.Sprint(err) != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add("schema = 1\nname = \"x\"\n[[layer]]\nname = \"a\"\nact_bits = 4\nweight_bits = [1, 0]\n")
	f.Add("[default]\nweight_bits = 9223372036854775807\nact_bits = -1\n[[layer]]\nname = \"\\u001b[2J\"\nweight_bits = [nan, 1e308]\n")
	f.Add("layer = []\n[[layer]]\n")
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = ParsePolicy("fuzz.toml", []byte(text))
	})
}
