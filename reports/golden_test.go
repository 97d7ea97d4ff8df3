package reports

import (
	"bytes"
	"flag"
	"fmt"
	"path/filepath"
	"testing"

	"bitcycle/internal/testdata"
)

var update = flag.Bool("update", false, "rewrite the golden texts")

// goldenTexts are a document's golden files: text for three widths of a terminal, and
// every other format.
func goldenTexts() map[string]Style {
	texts := map[string]Style{".md": {Format: "markdown"}, ".csv": {Format: "csv"}, ".json": {Format: "json"}, ".tex": {Format: "latex"}, ".html": {Format: "html"}}
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
				testdata.Text(t, filepath.Join("testdata", name+extension), withoutScript(got.Bytes()), *update)
			})
		}
	}
}

// withoutScript leaves a page's style and script out, which all pages have in common.
func withoutScript(text []byte) []byte {
	for _, part := range []string{pageStyle, scriptDraw, scriptPoints, scriptCharts, scriptTables} {
		text = bytes.Replace(text, []byte(part), nil, 1)
	}
	return text
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
