package dataset

import (
	"context"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/npy"
	"bitcycle/internal/testdata"
)

// storedPixels are those that lie beside the picture of a case.
func storedPixels(t *testing.T, path string) []uint8 {
	t.Helper()
	a, err := npy.Load(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	pixels, ok := a.Bytes()
	if !ok {
		t.Fatalf("%s holds no bytes", path)
	}
	return pixels
}

func TestPictureCases(t *testing.T) {
	folder := filepath.Dir(testdata.Data(t, "../cases/import/images/matrix_rgb.png"))
	for name, stored := range map[string][]string{"alpha": {"a.rgb.npy", "b.rgb.npy"}, "alpha_ramp": {"a.rgb.npy"}} {
		im, err := Load("images:" + filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		for i, file := range stored {
			if want := storedPixels(t, filepath.Join(folder, name, file)); !slices.Equal(im.Slice(i, i+1).Pixels, want) {
				t.Errorf("%s: picture %d is not as stored", name, i)
			}
		}
		if len(im.Notes) != 1 || !strings.Contains(im.Notes[0], "(first a.png) are transparent: alpha is dropped") {
			t.Errorf("%s: notes %q", name, im.Notes)
		}
	}
	im, err := LoadFor(t.Context(), "images:"+filepath.Join(folder, "gray"), Want{C: 1, H: 28, W: 28})
	if err != nil || im.N != 8 || im.C != 1 || len(im.Notes) != 0 {
		t.Fatalf("gray: %+v, %v", im, err)
	}
	for i := range im.N {
		want := storedPixels(t, filepath.Join(folder, "gray", string(rune('0'+i))+".gray.npy"))
		if !slices.Equal(im.Slice(i, i+1).Pixels, want) {
			t.Errorf("gray: picture %d is not as stored", i)
		}
	}
	mixed := "images:" + filepath.Join(folder, "mixed_sizes")
	if _, err := LoadFor(t.Context(), mixed, Want{C: 1, H: 28, W: 28}); err == nil || !strings.Contains(err.Error(), "1.png: ") || !strings.Contains(err.Error(), "the first picture has 28×28") {
		t.Errorf("mixed sizes: %v", err)
	}
	for _, rule := range Rules {
		im, err := LoadFor(t.Context(), mixed, Want{C: 3, H: 28, W: 28, Fit: Fit{Rule: rule}})
		if err != nil || im.N != 2 || im.H != 28 || im.W != 28 {
			t.Errorf("mixed sizes, %s: %v", rule, err)
		}
	}
}

// Pictures of one colour keep it under every rule and scan; ramps keep their ends.
func TestFit(t *testing.T) {
	flat := slices.Repeat([]uint8{10, 200, 30}, 6*4)
	for _, rule := range Rules {
		for _, scan := range Scans {
			want := Want{C: 3, H: 8, W: 8, Fit: Fit{Rule: rule, Scan: scan, Fill: 99}}
			out, place := want.fit(flat, 6, 4, 3)
			filled := 0
			for i := 0; i < len(out); i += 3 {
				switch [3]uint8(out[i : i+3]) {
				case [3]uint8{10, 200, 30}:
				case [3]uint8{99, 99, 99}:
					filled++
				default:
					t.Fatalf("%s, %s: pixel %v", rule, scan, out[i:i+3])
				}
			}
			// A letterbox of 6×4 in 8×8 is 8×5: three rows are filled.
			if empty := map[string]int{"letterbox": 24}[rule]; filled != empty {
				t.Errorf("%s, %s: %d pixels filled, want %d", rule, scan, filled, empty)
			}
			if place.Size != [2]int{6, 4} {
				t.Errorf("%s: size %v", rule, place.Size)
			}
		}
	}
}

// Hand-computed: two pixels to four by neighbours are 0, 25, 75, 100 of the way; four to
// two by area weigh 1, 3, 3, 1 (the ends twice), and every second of them is the nearest.
func TestScans(t *testing.T) {
	if got := resize([]uint8{0, 200}, 2, 1, 1, 4, 1, "bilinear"); !slices.Equal(got, []uint8{0, 50, 150, 200}) {
		t.Errorf("bilinear: %v", got)
	}
	if got := resize([]uint8{0, 80, 160, 240}, 4, 1, 1, 2, 1, "bilinear"); !slices.Equal(got, []uint8{40, 200}) {
		t.Errorf("bilinear, half: %v", got)
	}
	// centre 0.5, reach 2: weights 1/4 at −1 (the end again), 3/4 at 0 and 1, 1/4 at 2.
	if got := resize([]uint8{0, 80, 160, 240}, 4, 1, 1, 2, 1, "area"); !slices.Equal(got, []uint8{50, 190}) {
		t.Errorf("area: %v", got)
	}
	if got := resize([]uint8{0, 80, 160, 240}, 4, 1, 1, 2, 1, "nearest"); !slices.Equal(got, []uint8{80, 240}) {
		t.Errorf("nearest: %v", got)
	}
	if got := resize([]uint8{0, 200}, 1, 2, 1, 1, 4, "bilinear"); !slices.Equal(got, []uint8{0, 50, 150, 200}) {
		t.Errorf("down: %v", got)
	}
}

func TestPlaced(t *testing.T) {
	for name, c := range map[string]struct {
		want         Want
		w, h, sw, sh int
		shift        [2]float64
	}{
		"stretch":            {Want{W: 10, H: 20, Fit: Fit{Rule: "stretch"}}, 5, 5, 10, 20, [2]float64{}},
		"crop of 256":        {Want{W: 224, H: 224, Fit: Fit{Rule: "crop", Side: 256}}, 512, 400, 328, 256, [2]float64{-52, -16}},
		"crop, tall":         {Want{W: 224, H: 224, Fit: Fit{Rule: "crop", Side: 256}}, 400, 512, 256, 328, [2]float64{-16, -52}},
		"crop":               {Want{W: 28, H: 28, Fit: Fit{Rule: "crop"}}, 42, 28, 42, 28, [2]float64{-7, 0}},
		"letterbox":          {Want{W: 416, H: 416, Fit: Fit{Rule: "letterbox"}}, 640, 480, 416, 312, [2]float64{0, 52}},
		"letterbox, corner":  {Want{W: 416, H: 416, Fit: Fit{Rule: "letterbox", Seat: "corner"}}, 640, 480, 416, 312, [2]float64{}},
		"letterbox, upright": {Want{W: 320, H: 48, Fit: Fit{Rule: "letterbox", Seat: "corner"}}, 100, 96, 50, 48, [2]float64{}},
	} {
		sw, sh, p := c.want.placed(c.w, c.h)
		if sw != c.sw || sh != c.sh || p.Shift != c.shift || math.Abs(p.Scale[0]-float64(sw)/float64(c.w)) > 1e-12 {
			t.Errorf("%s: %d×%d, %+v", name, sw, sh, p)
		}
	}
}
