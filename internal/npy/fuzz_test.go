package npy

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"bitcycle/internal/npy/npytest"
)

// FuzzArchive reads archives: what is read has as many elements as its shape says.
func FuzzArchive(f *testing.F) {
	one := npytest.File(f, []float32{1, 2}, 1, 2)
	whole := npytest.Archive(f, map[string][]byte{"a.npy": one})
	for _, seed := range [][]byte{
		whole, whole[:len(whole)/2], []byte("PK\x05\x06"), nil,
		npytest.Archive(f, map[string][]byte{"a.txt": one}),
		npytest.Archive(f, map[string][]byte{"\x1b[2J.npy": one, "b.npy": one[:20]}),
		npytest.Archive(f, map[string][]byte{"more.npy": npytest.Raw("<f4", false, []int{1 << 20, 1 << 20}, make([]byte, 64))}),
		npytest.Archive(f, map[string][]byte{"bomb.npy": npytest.Raw("|u1", false, []int{8 << 20}, make([]byte, 8<<20))}),
	} {
		f.Add(seed)
	}
	path := filepath.Join(f.TempDir(), "a.npz")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		list, err := LoadArchive(t.Context(), path)
		if err != nil {
			if bytes.ContainsAny([]byte(err.Error()), "\x1b\x00\n") {
				t.Errorf("control characters in %q", err)
			}
			return
		}
		for _, m := range list {
			n := 1
			for _, d := range m.Shape {
				n *= d
			}
			if m.Len() != n {
				t.Errorf("%s: %d elements for shape %v", m.Name, m.Len(), m.Shape)
			}
		}
	})
}
