package rff

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

var someRecipe = Recipe{Kernel: "gaussian", Gamma: 0.2, D: 10, Seed: 42}

// TestFileRoundTrip: what is read is what was written, in exactly the bits that
// the scheme accounts for.
func TestFileRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, m := drawScheme(t)
		n := rapid.IntRange(0, 5).Draw(t, "n")
		codes := NewCodes(s, m, 0)
		if n > 0 {
			var err error
			if codes, _, err = Quantize(s, drawFeatures(t, n, m), 1, 1); err != nil {
				t.Fatal(err)
			}
		}
		var file bytes.Buffer
		if err := codes.Write(&file, someRecipe); err != nil {
			t.Fatal(err)
		}
		const headerAndChecksum = 76
		if want := headerAndChecksum + (n*s.Bits(m).Codebook+7)/8; file.Len() != want {
			t.Fatalf("%v: file of %d bytes, accounted %d", s, file.Len(), want)
		}
		got, recipe, err := Read(&file)
		if err != nil {
			t.Fatal(err)
		}
		if recipe != someRecipe || got.Scheme != s || got.M != m || got.N != n || file.Len() != 0 {
			t.Fatalf("read %+v of %+v, %d bytes left", got, codes, file.Len())
		}
		for i, w := range codes.words {
			if got.words[i] != w {
				t.Fatalf("%v: word %d differs", s, i)
			}
		}
	})
}

func someFile(t testing.TB) []byte {
	rng := rand.New(rand.NewPCG(1, 1))
	z := mat.NewDense(3, 40, nil)
	z.Apply(func(_, _ int, _ float64) float64 { return 2*rng.Float64() - 1 }, z)
	codes, _, err := Quantize(NewSigmaDelta(1, 5, Alphabet{K: 3}), z, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := codes.Write(&file, someRecipe); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestReadDamaged: every truncation and every flipped bit is an error, and
// truncations say so.
func TestReadDamaged(t *testing.T) {
	file := someFile(t)
	for n := range file {
		_, _, err := Read(bytes.NewReader(file[:n]))
		if err == nil {
			t.Fatalf("%d of %d bytes: no error", n, len(file))
		}
		if n > 0 && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d of %d bytes: %v", n, len(file), err)
		}
	}
	for bit := range 8 * len(file) {
		damaged := bytes.Clone(file)
		damaged[bit/8] ^= 1 << (bit % 8)
		if _, _, err := Read(bytes.NewReader(damaged)); err == nil {
			t.Fatalf("bit %d flipped: no error", bit)
		}
	}
}

func TestReadMessages(t *testing.T) {
	file := someFile(t)
	change := func(at int, b byte) []byte {
		c := bytes.Clone(file)
		c[at] = b
		return c
	}
	for _, tc := range []struct {
		file []byte
		want string
	}{
		{nil, "not a file of feature codes"},
		{[]byte("PK\x03\x04 and more"), "not a file of feature codes"},
		{file[:20], "ends after 20 of 72 bytes of its header"},
		{change(4, 9), "version 9"},
		{file[:74], "within the codes of point 1 of 3"},
		{file[:len(file)-2], "before its checksum"},
		{change(8, 7), "method = 7"},
		{change(11, 7), "codes of 7 bits"},
		{change(63, 0xff), "must be finite and positive"},
		{append(bytes.Clone(file), 0), "more bytes follow the checksum"},
		{change(len(file)-6, 0x5a), "damaged"},
	} {
		_, _, err := Read(bytes.NewReader(tc.file))
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("error %v, want %q", err, tc.want)
		}
	}
}

func TestRecipe(t *testing.T) {
	f, err := someRecipe.Features(7)
	if err != nil || f.M != 7 || f.D != 10 {
		t.Errorf("features %+v, %v", f, err)
	}
	if _, err := (Recipe{}).Features(7); err == nil {
		t.Error("unknown recipe: no error")
	}
	codes := NewCodes(Scheme{Method: MSQ, Alphabet: Alphabet{K: 1}}, 8, 1)
	if err := codes.Write(io.Discard, Recipe{Kernel: "own"}); err == nil {
		t.Error("kernel of another name: no error")
	}
}

func FuzzRead(f *testing.F) {
	file := someFile(f)
	f.Add(file)
	f.Add(file[:80])
	f.Add([]byte("BCRF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		codes, recipe, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := codes.Write(&again, recipe); err != nil {
			t.Fatal(err)
		}
		if n := again.Len(); n > len(data) {
			t.Fatalf("read %d bytes, wrote %d", len(data), n)
		}
	})
}
