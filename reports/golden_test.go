package reports

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden texts")

// goldenTexts are a document's golden files: text for three widths of a terminal, and
// every other format.
func goldenTexts() map[string]Style {
	texts := map[string]Style{".md": {Format: "markdown"}, ".csv": {Format: "csv"}, ".json": {Format: "json"}, ".tex": {Format: "latex"}}
	for _, width := range []int{80, 100, 120} {
		texts[fmt.Sprintf(".%d.txt", width)] = Style{Format: "table", Width: width}
	}
	return texts
}

// TestGolden holds every document of documents_test.go to its texts in testdata;
// go test ./reports -update rewrites them.
func TestGolden(t *testing.T) {
	for name, doc := range documents() {
		for extension, style := range goldenTexts() {
			t.Run(name+extension, func(t *testing.T) {
				var got bytes.Buffer
				if err := doc.Write(&got, style); err != nil {
					t.Fatal(err)
				}
				golden(t, name+extension, got.Bytes())
			})
		}
	}
}

// Every format has golden texts.
func TestGoldenTextsHaveEveryFormat(t *testing.T) {
	for _, format := range Formats {
		found := false
		for _, style := range goldenTexts() {
			found = found || style.Format == format
		}
		if !found {
			t.Errorf("%s has no golden text", format)
		}
	}
}

// golden compares text with a file in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (-update writes it)", err)
	}
	if line, a, b := firstDifference(got, want); line > 0 {
		t.Errorf("%s:%d (-update rewrites it)\ngot  %s\nwant %s", path, line, a, b)
	}
}

// firstDifference returns the first line, from 1, that differs; 0 for none.
func firstDifference(got, want []byte) (line int, a, b []byte) {
	x, y := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range max(len(x), len(y)) {
		a, b = nil, nil
		if i < len(x) {
			a = x[i]
		}
		if i < len(y) {
			b = y[i]
		}
		if !slices.Equal(a, b) || i >= len(x) || i >= len(y) {
			return i + 1, a, b
		}
	}
	return 0, nil, nil
}

// Every golden file belongs to a document and a format.
func TestGoldenFilesAreUsed(t *testing.T) {
	files, err := filepath.Glob("testdata/*")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for name := range documents() {
		for extension := range goldenTexts() {
			known[filepath.Join("testdata", name+extension)] = true
		}
	}
	for _, file := range files {
		if !known[file] {
			t.Errorf("%s belongs to no document", file)
		}
	}
}
