package dataset

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/internal/npy/npytest"
	"bitcycle/internal/testdata"
)

// pictureOf is a PNG of a size.
func pictureOf(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Boxes of YOLO's and of COCO's form are the same, in pixels of the picture.
func TestBoxes(t *testing.T) {
	yolo, coco := t.TempDir(), t.TempDir()
	for _, dir := range []string{yolo, coco} {
		for _, split := range []string{"train", "val"} {
			writeFile(t, filepath.Join(dir, "images", split, "a.png"), pictureOf(t, 200, 100))
			writeFile(t, filepath.Join(dir, "images", split, "b.png"), pictureOf(t, 200, 100))
		}
	}
	writeFile(t, filepath.Join(yolo, "labels", "val", "a.txt"), []byte("1 0.5 0.5 0.2 0.4\n\n0 0.1 0.1 0.3 0.1 0.2 0.5\n"))
	writeFile(t, filepath.Join(yolo, "labels", "train", "b.txt"), []byte("0 0.5 0.5 1 1\n"))
	writeFile(t, filepath.Join(yolo, "classes.txt"), []byte("cat\ndog\n"))
	writeFile(t, filepath.Join(coco, "annotations", "instances_val.json"), []byte(`{"images": [{"id": 7, "file_name": "a.png"}, {"id": 8, "file_name": "b.png"}],
		"categories": [{"id": 9, "name": "dog"}, {"id": 3, "name": "cat"}],
		"annotations": [{"image_id": 7, "category_id": 9, "bbox": [80, 30, 40, 40], "area": 900}, {"image_id": 7, "category_id": 3, "bbox": [20, 10, 40, 40], "iscrowd": 1}]}`))
	for name, dir := range map[string]string{"YOLO": yolo, "COCO": coco} {
		im, err := LoadFor(t.Context(), "boxes:"+dir, Want{C: 3, H: 50, W: 50, Fit: Fit{Rule: "letterbox"}})
		if err != nil {
			t.Fatal(err)
		}
		if im.N != 2 || len(im.Boxes) != 2 || len(im.Boxes[0]) != 2 || len(im.Boxes[1]) != 0 || strings.Join(im.Classes, " ") != "cat dog" {
			t.Fatalf("%s: %+v", name, im.Boxes)
		}
		for k, want := range []Box{{Class: 1, X0: 80, Y0: 30, X1: 120, Y1: 70}, {Class: 0, X0: 20, Y0: 10, X1: 60, Y1: 50}} {
			got := im.Boxes[0][k]
			if got.Class != want.Class || math.Abs(got.X0-want.X0)+math.Abs(got.Y0-want.Y0)+math.Abs(got.X1-want.X1)+math.Abs(got.Y1-want.Y1) > 1e-9 {
				t.Errorf("%s: box %d is %+v, want %+v", name, k, got, want)
			}
		}
		if name == "COCO" && (im.Boxes[0][0].Area != 900 || !im.Boxes[0][1].Crowd || im.Boxes[0][1].Area != 1600) {
			t.Errorf("%+v", im.Boxes[0])
		}
		if im.Places[0].Size != [2]int{200, 100} || im.Places[0].Scale[0] != 0.25 {
			t.Errorf("%s: place %+v", name, im.Places[0])
		}
	}
	train, err := Load("boxes:" + yolo + ":train")
	if err != nil || len(train.Boxes[1]) != 1 || len(train.Boxes[0]) != 0 {
		t.Errorf("train: %+v, %v", train, err)
	}
	for text, want := range map[string]string{
		"x 0.5 0.5 1 1": `a.txt:1: class = "x"`, "0 0.5 0.5 1": "a.txt:1: 4 numbers", "0 0.5 0.5 0 1": "must have an area",
		"0 50 50 10 10": `"50": must be a share`, "0 0.5 0.5 NaN 1": `"NaN": must be a share`,
	} {
		if text == "0 0.5 0.5 1" {
			want = "a.txt:1: 4 numbers"
		}
		writeFile(t, filepath.Join(yolo, "labels", "val", "a.txt"), []byte(text))
		if _, err := Load("boxes:" + yolo); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := Load("boxes:" + yolo + ":test"); err == nil || !strings.Contains(err.Error(), `no split "test" (train, val)`) {
		t.Errorf("no such split: %v", err)
	}
}

func TestCOCO128(t *testing.T) {
	dir := testdata.Data(t, "coco128")
	im, err := LoadFor(t.Context(), "boxes:"+dir+"[:2]", Want{C: 3, H: 64, W: 64, Fit: Fit{Rule: "letterbox"}})
	if err != nil || im.N != 2 || len(im.Boxes[0]) == 0 || len(im.Classes) != 80 || im.Boxes[0][0].Class != 58 {
		t.Errorf("%+v, %v", im, err)
	}
}

func TestTokens(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a.txt"), []byte("1 2 3 4\n5 6 7 8\n9"))
	writeFile(t, filepath.Join(dir, "a.npy"), npytest.File(t, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 9))
	writeFile(t, filepath.Join(dir, "rows.npy"), npytest.File(t, []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 2, 5))
	for file, want := range map[string][][]int{"a.txt": {{2, 3, 4, 5}, {6, 7, 8, 9}}, "a.npy": {{2, 3, 4, 5}, {6, 7, 8, 9}}, "rows.npy": {{2, 3, 4, 5}, {7, 8, 9, 10}}} {
		im, err := LoadFor(t.Context(), "tokens:"+filepath.Join(dir, file), Want{C: 1, H: 4, W: 1})
		if err != nil || im.N != 2 || im.H != 4 {
			t.Errorf("%s: %+v, %v", file, im, err)
			continue
		}
		for i := range want {
			for k, token := range want[i] {
				if im.Next[i][k] != token || int(im.Values[4*i+k]) != token-1 {
					t.Errorf("%s: window %d is %v, then %v", file, i, im.Values, im.Next[i])
					break
				}
			}
		}
	}
	for set, want := range map[string]string{
		"tokens:" + dir + "/a.txt": "9 tokens: a window of 256", "tokens:nothing": "shipped: stories-page, stories-sampled",
	} {
		if _, err := Load(set); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", set, err, want)
		}
	}
	writeFile(t, filepath.Join(dir, "a.txt"), []byte("1 2\n3 x"))
	if _, err := Load("tokens:" + dir + "/a.txt"); err == nil || !strings.Contains(err.Error(), `a.txt:2: "x": must be the number`) {
		t.Errorf("error %v", err)
	}
	for _, name := range shippedTexts() {
		im, err := LoadFor(t.Context(), "tokens:"+name, Want{H: 64})
		if err != nil || im.N < 10 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, next := range im.Next {
			for _, token := range next {
				if token >= 512 {
					t.Errorf("%s: token %d", name, token)
				}
			}
		}
	}
}

func TestHoldOut(t *testing.T) {
	im, err := Load("glyphs[100:120]")
	if err != nil {
		t.Fatal(err)
	}
	data, calib := im.HoldOut(256)
	if data.N != 16 || calib.N != 4 || data.Name != "glyphs[100:116]" || calib.Name != "glyphs[116:120]" {
		t.Errorf("%d images %s, %d of %s", data.N, data.Name, calib.N, calib.Name)
	}
	again, err := Load(calib.Name)
	if err != nil || !bytes.Equal(again.Pixels, calib.Pixels) {
		t.Errorf("%s is not what was held out: %v", calib.Name, err)
	}
	if n := calib.Shared(data); n != 0 {
		t.Errorf("%d images are on both sides", n)
	}
	if n := calib.Shared(im); n != 4 {
		t.Errorf("%d of 4 images are of the set", n)
	}
	for set, want := range map[string]string{
		"glyphs[:9]": "glyphs:calib", "mnist:d": "mnist:d:train", "mnist:d:test[:5]": "mnist:d:train", "mnist:d:train": "",
		"npy:a.npz": "npy:a.npz:train", "npy:a.npy": "", "boxes:d": "boxes:d:train", "images:d": "", "cifar10:a+cifar10:b": "", "glyphs:calib": "",
	} {
		if got := CalibrationPart(set); got != want {
			t.Errorf("%s: %q, want %q", set, got, want)
		}
	}
}
