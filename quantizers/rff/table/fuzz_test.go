package table

import (
	"bytes"
	"io"
	"math"
	"testing"

	"bitcycle/internal/npy/npytest"
)

// sound fails if a reader returns a table whose parts do not fit together or that
// is not finite.
func sound(t *testing.T, table *Table, err error) {
	if err != nil {
		return
	}
	n, d := table.X.Dims()
	if n == 0 || d == 0 || table.Y != nil && len(table.Y) != n {
		t.Fatalf("%d×%d with %d labels", n, d, len(table.Y))
	}
	for _, v := range append(table.X.RawMatrix().Data, table.Y...) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Fatalf("value %v", v)
		}
	}
}

type readFunc = func(io.Reader, string, Options) (*Table, error)

func fuzz(f *testing.F, read readFunc, seeds ...string) {
	for _, seed := range seeds {
		f.Add([]byte(seed), 0)
		f.Add([]byte(seed), 1)
	}
	f.Fuzz(func(t *testing.T, data []byte, option int) {
		table, err := read(bytes.NewReader(data), "f", Options{Label: option, Columns: min(option, 100), Limit: 100})
		sound(t, table, err)
	})
}

func FuzzCSV(f *testing.F) {
	fuzz(f, ReadCSV, "1,2,0\n3,4,1\n", "a;b\n1;x\n", "\"1\",2\n#\n", "1,nan\n", "1,-inf\n2,3\n", "\ufeff1,2\n3,4\n", "1,\x00\n",
		"1,2\n3\n", "1e999,1\n", "\x1b[2J,\x1b[2J\n1,2\n", "\"1,2\n")
}

func FuzzLibSVM(f *testing.F) { fuzz(f, ReadLibSVM, "1 1:2 3:4\n-1 2:1e-3 # x\n") }

func FuzzIDX(f *testing.F) {
	fuzz(f, ReadIDX, string(idxFile([]byte{1, 2, 3, 4}, 2, 2)), "\x00\x00\x0e\x01\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00")
}

func FuzzNPY(f *testing.F) {
	fuzz(f, ReadNPY, string(npytest.File(f, []float32{1, 2, 3}, 3)))
}
