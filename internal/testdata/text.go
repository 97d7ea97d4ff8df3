package testdata

import (
	"bytes"
	"os"
	"testing"
)

// Text holds a text to the file at path, which it rewrites with update.
func Text(t testing.TB, path string, got []byte, update bool) {
	t.Helper()
	if update {
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
		if i >= len(x) || i >= len(y) || !bytes.Equal(a, b) {
			return i + 1, a, b
		}
	}
	return 0, nil, nil
}
