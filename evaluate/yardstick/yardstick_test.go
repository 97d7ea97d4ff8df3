package yardstick

import (
	"math"
	"slices"
	"strings"
	"testing"

	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
)

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*max(math.Abs(b), 1) }

// p = 3/4 and 1/4 of two tokens: e^(−(ln 3/4 + ln 1/4)/2) = 1/√(3/16).
func TestPerplexity(t *testing.T) {
	y := &language{&dataset.Images{N: 2, Next: [][]int{{0, 1}, {1, 0}}}}
	log3 := float32(math.Log(3))
	first, err := y.See(0, []Output{{Values: []float32{log3, 0, log3, 0}}})
	if err != nil {
		t.Fatal(err)
	}
	second, err := y.See(1, []Output{{Values: []float32{5, 5, -7, -7}}})
	if err != nil {
		t.Fatal(err)
	}
	score := y.Score([]Seen{first, second})
	for _, c := range []struct {
		times []int
		want  float64
	}{{[]int{1, 0}, 1 / math.Sqrt(3./16)}, {[]int{0, 1}, 2}, {[]int{1, 1}, math.Sqrt(2 / math.Sqrt(3./16))}} {
		if got := score(c.times)[0]; !near(got, c.want) {
			t.Errorf("%v: %v, want %v", c.times, got, c.want)
		}
	}
	if _, err := y.See(0, []Output{{Values: []float32{1, 2, 3}}}); err == nil {
		t.Error("three logits for two tokens")
	}
	far := &language{&dataset.Images{N: 1, Next: [][]int{{0, 9}}}}
	if _, err := far.See(0, []Output{{Values: make([]float32, 4)}}); err == nil || !strings.Contains(err.Error(), "token 9") {
		t.Errorf("an unknown token: %v", err)
	}
}

func TestRegression(t *testing.T) {
	y := &regression{&dataset.Images{N: 2, Targets: [][]float32{{1, 2}, {0, 0}}}}
	a, err := y.See(0, []Output{{Values: []float32{2, 4}}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := y.See(1, []Output{{Values: []float32{0, 1}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := y.Score([]Seen{a, b})([]int{1, 1})[0]; got != (1+4+0+1)/4. {
		t.Errorf("MSE %v", got)
	}
	if _, err := y.See(0, []Output{{Values: []float32{2}}}); err == nil {
		t.Error("one number for two targets")
	}
}

// Equal signs in a row are one unless a blank is between; kitten takes 3 edits to sitting.
func TestReading(t *testing.T) {
	signs := []string{"", "a", "b"}
	scores := func(best ...int) (values []float32) {
		for _, k := range best {
			one := make([]float32, len(signs))
			one[k] = 1
			values = append(values, one...)
		}
		return values
	}
	for want, best := range map[string][]int{"ab": {1, 1, 2}, "aab": {0, 1, 0, 1, 2, 0}, "": {0, 0}, "bab": {2, 2, 1, 2}} {
		if got := Text(scores(best...), signs); got != want {
			t.Errorf("%v reads %q, want %q", best, got, want)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"kitten", "sitting", 3}, {"", "abc", 3}, {"abc", "", 3}, {"größe", "grosse", 3}, {"same", "same", 0}} {
		if got := edits([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%q to %q: %d edits, want %d", c.a, c.b, got, c.want)
		}
	}
	y := &reading{&netfile.Text{Signs: signs}, &dataset.Images{N: 2, Texts: []string{"ab", "abba"}}}
	var seen []Seen
	for i, best := range [][]int{{1, 2}, {1, 2, 0, 1}} { // "ab", "aba"
		s, err := y.See(i, []Output{{Dims: []int{len(best), 3}, Values: scores(best...)}})
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, s)
	}
	if got := y.Score(seen)([]int{1, 1}); !near(got[0], 1-1./6) || got[1] != 0.5 {
		t.Errorf("accuracies %v", got)
	}
	if _, err := y.See(0, []Output{{Dims: []int{2, 4}, Values: make([]float32, 8)}}); err == nil {
		t.Error("four scores for three signs")
	}
}

// Values worked out by hand for one cell of every head.
func TestDecode(t *testing.T) {
	ln2 := float32(math.Log(2))
	near := func(f Found, x0, y0, x1, y1, score float64, class int) bool {
		return near(f.X0, x0) && near(f.Y0, y0) && near(f.X1, x1) && near(f.Y1, y1) && near(f.Score, score) && f.Class == class
	}
	yolox := &netfile.Detect{Head: "yolox", Classes: 2, Strides: []int{8}, Activate: "none", Score: 0.01}
	rows := []float32{0, 0, 0, 0, 0, 0, 0, .5, .5, ln2, 0, .5, .2, .8}
	found, err := decode(yolox, [2]int{16, 8}, []Output{{Values: rows}})
	if err != nil || len(found) != 1 || !near(found[0], 4, 0, 20, 8, 0.4, 1) {
		t.Errorf("yolox: %+v, %v", found, err)
	}
	if _, err := decode(yolox, [2]int{16, 16}, []Output{{Values: rows}}); err == nil || !strings.Contains(err.Error(), "want 4 rows of 7") {
		t.Errorf("yolox of another size: %v", err)
	}
	plain := &netfile.Detect{Head: "yolox", Classes: 2, Decoded: true, Activate: "none", Score: 0.01}
	found, err = decode(plain, [2]int{16, 8}, []Output{{Values: []float32{8, 4, 4, 2, 1, .75, .5}}})
	if err != nil || len(found) != 1 || !near(found[0], 6, 3, 10, 5, 0.75, 0) {
		t.Errorf("decoded: %+v, %v", found, err)
	}
	// σ(0) = 1/2 of centre, objectness and class; channels first, then last.
	v3 := &netfile.Detect{Head: "yolov3", Classes: 1, Strides: []int{8}, Anchors: []netfile.Anchors{{10, 20}}, Activate: "sigmoid", Score: 0.2}
	maps := []float32{-9, 0, -9, 0, 0, ln2, 0, 0, -9, 0, -9, 0}
	for _, c := range []Output{
		{Dims: []int{6, 1, 2}, Values: maps},
		{Dims: []int{1, 1, 2, 6}, Values: []float32{-9, -9, 0, 0, -9, -9, 0, 0, ln2, 0, 0, 0}},
	} {
		found, err = decode(v3, [2]int{16, 8}, []Output{c})
		if err != nil || len(found) != 1 || !near(found[0], 2, -6, 22, 14, 0.25, 0) {
			t.Errorf("yolov3 %v: %+v, %v", c.Dims, found, err)
		}
	}
	// The prior is 4×4 around (12, 4): centre + 0.1·4·(1, −1), width·e^(0.2·5·ln 2).
	ssd := &netfile.Detect{Head: "ssd", Classes: 1, Strides: []int{8}, Anchors: []netfile.Anchors{{4, 4}}, Variances: []float64{0.1, 0.2}, Activate: "softmax", Score: 0.6}
	found, err = decode(ssd, [2]int{16, 8}, []Output{
		{Dims: []int{2, 2}, Values: []float32{9, 0, 0, float32(math.Log(3))}},
		{Dims: []int{2, 4}, Values: []float32{0, 0, 0, 0, 1, -1, 5 * ln2, 0}},
	})
	if err != nil || len(found) != 1 || !near(found[0], 8.4, 1.6, 16.4, 5.6, 0.75, 0) {
		t.Errorf("ssd: %+v, %v", found, err)
	}
	ssd.Decoded = true
	found, err = decode(ssd, [2]int{16, 8}, []Output{{Dims: []int{1, 2}, Values: []float32{0, 2}}, {Dims: []int{1, 4}, Values: []float32{.25, .5, .5, 1}}})
	if err != nil || len(found) != 1 || !near(found[0], 4, 4, 8, 8, 1/(1+math.Exp(-2)), 0) {
		t.Errorf("ssd, decoded: %+v, %v", found, err)
	}
}

// A box of a letterbox goes back to the picture, cut at its border.
func TestToPicture(t *testing.T) {
	f := Found{X0: 0, Y0: 52, X1: 208, Y1: 208}
	f.toPicture(&dataset.Place{Scale: [2]float64{.65, .65}, Shift: [2]float64{-13, 52}, Size: [2]int{320, 480}})
	if !near(f.X0, 20) || f.Y0 != 0 || f.X1 != 320 || !near(f.Y1, 240) {
		t.Errorf("%+v", f)
	}
}

func TestErrors(t *testing.T) {
	e := Error{Name: "y"}
	e.Add([]float32{3, 4}, []float32{3, 3})
	if !near(e.SQNR(), 10*math.Log10(25)) || !near(e.Cosine(), 21/math.Sqrt(25*18)) || e.Max != 1 {
		t.Errorf("%+v: %v dB, cosine %v", e, e.SQNR(), e.Cosine())
	}
	same := Error{}
	same.Add([]float32{1}, []float32{1})
	if !math.IsInf(same.SQNR(), 1) || same.Cosine() != 1 {
		t.Errorf("%+v", same)
	}
	if sqnr, cosine, most := Worst([]Error{e, same}); sqnr != e.SQNR() || cosine != e.Cosine() || most != 1 {
		t.Errorf("worst %v, %v, %v", sqnr, cosine, most)
	}
}

// The same outputs have no change, with an interval of nothing; a shift of every image by
// the same amount has a paired interval of nothing around it, though MSE itself varies.
func TestJudge(t *testing.T) {
	y := &regression{}
	var a, b []Seen
	for i := range 50 {
		a, b = append(a, sum{float64(i), 1}), append(b, sum{float64(i) + 3, 1})
	}
	f := Judge(y, b, a)[0]
	if f.Name != "mse" || !near(f.Value, 27.5) || !near(f.Float, 24.5) || !near(f.Change, 3) || !near(f.ChangeCI95[0], 3) || !near(f.ChangeCI95[1], 3) {
		t.Errorf("%+v", f)
	}
	// 24.5 ± 1.96·14.43/√50 = ± 4.0
	if lo, hi := f.CI95[0], f.CI95[1]; math.Abs(lo-23.5) > 0.7 || math.Abs(hi-31.5) > 0.7 {
		t.Errorf("interval %v to %v", lo, hi)
	}
	again := Judge(y, b, a)[0]
	if !slices.Equal(again.CI95[:], f.CI95[:]) {
		t.Error("the interval is another one the next time")
	}
}

func TestOf(t *testing.T) {
	boxes := &dataset.Images{Name: "b", Boxes: [][]dataset.Box{}}
	if _, err := Of(&netfile.File{Name: "n"}, boxes); err == nil || !strings.Contains(err.Error(), "[detect]") {
		t.Errorf("boxes: %v", err)
	}
	if _, err := Of(&netfile.File{Name: "n"}, &dataset.Images{Texts: []string{"x"}}); err == nil || !strings.Contains(err.Error(), "[text]") {
		t.Errorf("texts: %v", err)
	}
	if y, err := Of(&netfile.File{}, &dataset.Images{Labels: []int{1}}); y != nil || err != nil {
		t.Errorf("labels: %v, %v", y, err)
	}
}
