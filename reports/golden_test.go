package reports

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden texts")

// extension is that of a format's golden files.
var extension = map[string]string{"table": "txt", "markdown": "md", "csv": "csv", "json": "json"}

// TestGolden holds every document of documents_test.go, in every format, to the text in
// testdata; go test ./reports -update rewrites it.
func TestGolden(t *testing.T) {
	for name, doc := range documents() {
		for _, format := range Formats {
			t.Run(name+"/"+format, func(t *testing.T) {
				var got bytes.Buffer
				if err := doc.Write(&got, format, false); err != nil {
					t.Fatal(err)
				}
				golden(t, name+"."+extension[format], got.Bytes())
			})
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
		for _, format := range Formats {
			known[filepath.Join("testdata", name+"."+extension[format])] = true
		}
	}
	for _, file := range files {
		if !known[file] {
			t.Errorf("%s belongs to no document", file)
		}
	}
}
