package dataset

import (
	"slices"
	"strings"
	"testing"
)

func TestJoin(t *testing.T) {
	joined, err := Load("glyphs:train[3:5]+glyphs[:2]")
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range []string{"glyphs:train[3:5]", "glyphs[:2]"} {
		im, err := Load(part)
		if err != nil {
			t.Fatal(err)
		}
		got := joined.Slice(2*i, 2*i+2)
		if !slices.Equal(got.Pixels, im.Pixels) || !slices.Equal(got.Labels, im.Labels) {
			t.Errorf("images %d and %d are not those of %s", 2*i, 2*i+1, part)
		}
	}
	if joined.N != 4 || len(joined.Pixels) != 4*joined.Size() {
		t.Errorf("%d images of %d bytes", joined.N, len(joined.Pixels))
	}
	if _, err := Load("glyphs[:1]+mnist:missing"); err == nil || !strings.Contains(err.Error(), "missing") {
		t.Errorf("error %v", err)
	}
	if got := parts("npy:a+b.npy"); len(got) != 1 {
		t.Errorf("a plus in a path splits: %q", got)
	}
}

func TestJoinRejects(t *testing.T) {
	small := &Images{Name: "a", N: 1, H: 1, W: 1, C: 1, Pixels: []uint8{1}}
	for what, other := range map[string]*Images{
		"size":    {Name: "b", N: 1, H: 2, W: 1, C: 1, Pixels: []uint8{1, 2}},
		"labels":  {Name: "b", N: 1, H: 1, W: 1, C: 1, Pixels: []uint8{1}, Labels: []int{0}},
		"storage": {Name: "b", N: 1, H: 1, W: 1, C: 1, Values: []float32{1}},
	} {
		if _, err := join([]*Images{small, other}); err == nil {
			t.Errorf("another %s is accepted", what)
		}
	}
}
