package dataset

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "labels.csv"), []byte("\ufefffile,text\na.png,\"Hello, World\"\nb.png,größe\n"))
	writeFile(t, filepath.Join(dir, "images", "a.png"), pictureOf(t, 60, 20))
	writeFile(t, filepath.Join(dir, "images", "b.png"), pictureOf(t, 60, 20))
	im, err := LoadFor(t.Context(), "text:"+dir, Want{C: 3, H: 10, W: 40, Fit: Fit{Rule: "letterbox", Seat: "corner"}})
	if err != nil || im.N != 2 || im.W != 40 || !slices.Equal(im.Texts, []string{"Hello, World", "größe"}) {
		t.Errorf("%+v, %v", im, err)
	}
	for text, want := range map[string]string{"file,label\na.png,1\n": "labels.csv:1: columns", "file,text\n../a.png,x\n": `labels.csv:2: file = "../a.png"`} {
		writeFile(t, filepath.Join(dir, "labels.csv"), []byte(text))
		if _, err := Load("text:" + dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// Lines are the same every time, a range is a part of all, and ink lies on the paper.
func TestLines(t *testing.T) {
	all, err := Load("lines[:6]")
	if err != nil {
		t.Fatal(err)
	}
	part, err := Load("lines[2:4]")
	if err != nil || !bytes.Equal(part.Pixels, all.Slice(2, 4).Pixels) || !slices.Equal(part.Texts, all.Texts[2:4]) {
		t.Errorf("a part differs: %v", err)
	}
	for i, text := range all.Texts {
		pixels := all.Slice(i, i+1).Pixels
		if text == "" || slices.Max(pixels) < 150 || slices.Min(pixels) > 120 {
			t.Errorf("line %d reads %q, pixels %d to %d", i, text, slices.Min(pixels), slices.Max(pixels))
		}
	}
	calib, err := Load("lines:calib")
	if err != nil || calib.N != 64 || calib.Shared(all) != 0 {
		t.Errorf("calib: %v", err)
	}
	if _, err := Load("lines:train"); err == nil || !strings.Contains(err.Error(), "calib or test") {
		t.Errorf("train: %v", err)
	}
}
