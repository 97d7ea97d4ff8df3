package dataset

import (
	"bytes"
	"io"
	"math"
	"strings"
	"testing"

	"bitcycle/internal/npy"
	"bitcycle/internal/npy/npytest"
)

func FuzzSpan(f *testing.F) {
	f.Add("glyphs[1:2]")
	f.Add("npy:[[:]")
	f.Fuzz(func(t *testing.T, set string) {
		base, r, err := cutSpan(set)
		if err == nil && (!strings.HasPrefix(set, base) || r.lo < 0) {
			t.Errorf("%q: %q %v", set, base, r)
		}
	})
}

func FuzzIDX(f *testing.F) {
	f.Add([]byte("\x00\x00\x08\x01\x00\x00\x00\x02ab"), 1)
	f.Add([]byte("\x00\x00\x08\x03\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), 3)
	f.Add([]byte("\x00\x00\x08\x01\x00\x01\x90\x00ab"), 1)
	f.Add([]byte("\x00\x00\x08\x03\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x02ab"), 3)
	f.Fuzz(func(t *testing.T, data []byte, rank int) {
		if rank < 1 || rank > 4 {
			return
		}
		dims, elements, err := readBytes(bytes.NewReader(data), int64(len(data)), rank)
		_, again, bad := readBytes(struct{ io.Reader }{bytes.NewReader(data)}, -1, rank)
		if (err == nil) != (bad == nil) || !bytes.Equal(elements, again) {
			t.Errorf("length known: %v, unknown: %v", err, bad)
		}
		if err != nil {
			return
		}
		size := 1
		for _, d := range dims {
			size *= d
		}
		if len(dims) != rank || size != len(elements) {
			t.Errorf("dimensions %v of %d elements", dims, len(elements))
		}
	})
}

func FuzzCIFAR10(f *testing.F) {
	f.Add([]byte(strings.Repeat("\x01", 2*cifarRecord)), 0, -1)
	f.Fuzz(func(t *testing.T, data []byte, lo, hi int) {
		if lo < 0 || hi <= lo && hi >= 0 {
			return
		}
		im, err := parseCIFAR10(data, span{lo, hi})
		if err == nil && (im.N < 1 || len(im.Pixels) != im.N*im.Size() || len(im.Labels) != im.N) {
			t.Errorf("%d images, %d pixels", im.N, len(im.Pixels))
		}
	})
}

func FuzzLabels(f *testing.F) {
	f.Add("file,label\na.png,3\n", 10)
	f.Add("label,file,more\n3,\"a\nb\",x\n", 0)
	for _, row := range []string{"../a.png,0", "/etc/passwd,0", "a.png,-1", "a.png,9223372036854775808", "\x1b[2J,0", "a.png", "\"a.png,0", "a\x00,0", ",0"} {
		f.Add("file,label\n"+row+"\n", 10)
	}
	f.Add("\ufefffile,label\na.png,1\n", 10)
	f.Add("", 10)
	f.Fuzz(func(t *testing.T, text string, classes int) {
		rows, err := parseLabels(strings.NewReader(text), "labels.csv", max(classes, 0))
		if err != nil {
			return
		}
		for _, row := range rows {
			if row.label < 0 || classes > 0 && row.label >= classes || row.file == "" {
				t.Errorf("accepted %+v", row)
			}
		}
	})
}

func FuzzNPY(f *testing.F) {
	f.Add(npytest.File(f, []byte("abcdefghijkl"), 2, 1, 2, 3))
	f.Add(npytest.File(f, []float32{0, 0}, 1, 2))
	f.Add(npytest.File(f, []float32{0, float32(math.NaN())}, 1, 2))
	f.Add(npytest.Raw("<f4", false, []int{1 << 20, 1 << 20}, make([]byte, 64)))
	f.Add(npytest.Raw("|u1", false, []int{1 << 31, 1 << 31, 4}, nil))
	f.Add(npytest.Raw("|u1", false, []int{0, 1, 1, 1}, nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := npy.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		im, err := arrayImages(a, "", Want{})
		if err == nil && (im.N < 1 || len(im.Pixels)+len(im.Values) != im.N*im.Size()) {
			t.Errorf("%d images of %d, %d pixels, %d values", im.N, im.Size(), len(im.Pixels), len(im.Values))
		}
		_, _ = arrayLabels(a, a.Len())
	})
}

func FuzzKWS(f *testing.F) {
	f.Add(make([]byte, 980), []byte{3, 11})
	f.Fuzz(func(t *testing.T, features, labels []byte) {
		im, err := parseKWS(features, labels)
		if err == nil && (im.N != len(labels) || len(im.Values) != im.N*im.Size()) {
			t.Errorf("%d images, %d labels", im.N, len(labels))
		}
	})
}
