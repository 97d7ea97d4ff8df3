package reproduce

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	experiments "bitcycle/internal/proof/experiments/bcgd"
	"bitcycle/internal/testdata"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/kernels/train"
)

// small is the shipped network with few images.
func small() *experiments.Subject {
	data := func(split string, n int) *train.Data {
		return &train.Data{Images: dataset.Glyphs(split, 0, n, dataset.GlyphSeed), Normalization: shipped.Normalization}
	}
	return &experiments.Subject{Name: "small", Net: shipped.Network(), Epochs: 1, Batch: 32, Rate: 0.01, Drops: usualDrops, Train: data("train", 192), Test: data("test", 48)}
}

func contestOf(t *testing.T, folder string) (*contest, Report) {
	t.Helper()
	ctx := context.Background()
	c, err := newContest(ctx, small(), 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range bcgdArms([][2]int{{1, 4}}, nil) {
		if err := c.arm(ctx, a, experiments.Run{Seed: 1, Workers: 2, Folder: folder}); err != nil {
			t.Fatal(err)
		}
	}
	var r Report
	c.report(&r)
	return c, r
}

// TestContest trains by both methods; what a folder has kept gives the same
// report again.
func TestContest(t *testing.T) {
	folder := t.TempDir()
	c, r := contestOf(t, folder)
	if n := len(c.table.Rows); n != 4 {
		t.Fatalf("%d rows: want float, uniform and two trained", n)
	}
	if want := 2 * 48 * 20; c.codes != want || c.differing != 0 {
		t.Errorf("%d of %d codes differ from the simulation: want 0 of %d", c.differing, c.codes, want)
	}
	if len(r.Claims) != 2 || !r.Claims[0].Holds || r.Claims[1].CI95 == nil {
		t.Errorf("claims %+v", r.Claims)
	}
	files, err := filepath.Glob(filepath.Join(folder, "small-1w4a-*.safetensors"))
	if err != nil || len(files) != 2 {
		t.Fatalf("kept %v, %v", files, err)
	}
	before := modified(t, files)
	_, again := contestOf(t, folder)
	if !reflect.DeepEqual(again.Claims, r.Claims) || !reflect.DeepEqual(again.Tables[0].Rows, r.Tables[0].Rows) {
		t.Error("the report from kept networks differs")
	}
	if after := modified(t, files); after != before {
		t.Error("kept networks were trained again")
	}
}

// TestResNet20 trains the real network on a few images: options of its shortcuts
// and all, integers are what was simulated.
func TestResNet20(t *testing.T) {
	root := testdata.Data(t, "networks/resnet20.toml")
	s, err := cifarSubject(context.Background(), Options{DataRoot: filepath.Dir(filepath.Dir(root))}, experiments.Run{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Train.Images.N != 7728 || s.Test.Images.N != 846 {
		t.Fatalf("%d training and %d test images", s.Train.Images.N, s.Test.Images.N)
	}
	s.Train.Images, s.Test.Images = s.Train.Images.Slice(0, 256), s.Test.Images.Slice(0, 40)
	for _, a := range []experiments.Arm{{WeightBits: 1, ActBits: 4, Rho: 1e-5, Epochs: 1}, {WeightBits: 4, ActBits: 4, Epochs: 1}} {
		trained, err := s.Quantize(context.Background(), a, experiments.Run{Seed: 1, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		if trained.Codes != 400 || trained.Differing != 0 {
			t.Errorf("%s: %d of %d codes differ", a, trained.Differing, trained.Codes)
		}
		if hits := count(trained.Right); a.WeightBits == 4 && hits < 30 {
			t.Errorf("%s: %d of 40 images right", a, hits)
		}
	}
}

func modified(t *testing.T, files []string) string {
	t.Helper()
	text := ""
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		text += fmt.Sprintln(info.ModTime())
	}
	return text
}

// TestKept makes a part once for each seed.
func TestKept(t *testing.T) {
	made := 0
	part := func() ([]float64, error) { made++; return []float64{0.1, float64(made)}, nil }
	o := Options{Resume: t.TempDir(), Seed: 1}
	for range 2 {
		got, err := kept(o, "part", part)
		if err != nil || !reflect.DeepEqual(got, []float64{0.1, 1}) {
			t.Errorf("%v, %v", got, err)
		}
	}
	o.Seed = 2
	if _, err := kept(o, "part", part); err != nil || made != 2 {
		t.Errorf("made %d times: want once for each seed; %v", made, err)
	}
	failed := errors.New("failed")
	if _, err := kept(o, "other", func() (int, error) { return 0, failed }); !errors.Is(err, failed) {
		t.Errorf("error %v", err)
	}
	if err := os.WriteFile(filepath.Join(o.Resume, "broken-seed2.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := kept(o, "broken", part); err == nil {
		t.Error("a broken file is taken")
	}
}
