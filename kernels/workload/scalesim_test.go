package workload

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
)

func TestReadSCALESim(t *testing.T) {
	w, err := ReadSCALESim("t.csv", strings.NewReader("Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides, Stride width,\nconv1,10,11,3,3,2,4,2,3,\n\nlast,5,5,5,5,1,2,1,\n"))
	if err != nil {
		t.Fatal(err)
	}
	op := &w.Ops[0]
	if op.K != 18 || op.M != 4 || op.Out != [2]int{5, 4} || len(w.Ops) != 2 || w.Ops[1].N != 1 {
		t.Errorf("conv1 = %+v", op)
	}
	w, err = ReadSCALESim("g.csv", strings.NewReader("Layer, M, N, K,\nfc,7,8,9,\n"))
	if err != nil || w.Ops[0].N != 7 || w.Ops[0].M != 8 || w.Ops[0].K != 9 {
		t.Errorf("fc = %+v, %v", w, err)
	}
	for _, text := range []string{"", "h\n", "h,a\nconv,1,2\n", "h,a\nconv,1,2,x,4,5,6,7\n", "h,a\nconv,2,2,3,3,1,1,1\n"} {
		if _, err := ReadSCALESim("bad.csv", strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), "bad.csv") {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

func TestLoadPublishedTopologies(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(testdata.Golden(t, "peers/scalesim/topologies"), "*.csv"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no topologies: %v", err)
	}
	for _, path := range paths {
		w, err := Load(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := w.Validate(); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "missing.toml")); !os.IsNotExist(err) {
		t.Errorf("missing file: %v", err)
	}
}

func FuzzReadSCALESim(f *testing.F) {
	f.Add("name,h,w,fh,fw,c,n,s\nconv,10,10,3,3,2,4,1,\n")
	f.Add("Layer,M,N,K\nfc,1,2,3\n")
	f.Fuzz(func(t *testing.T, text string) {
		if w, err := ReadSCALESim("fuzz.csv", strings.NewReader(text)); err == nil {
			if err := w.Validate(); err != nil {
				t.Fatalf("an invalid workload was read: %v", err)
			}
		}
	})
}
