package npy

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bitcycle/internal/npy/npytest"
	"bitcycle/internal/testdata"
)

// numbers puts bit patterns of a width in a byte order.
func numbers(big bool, width int, bits ...uint64) []byte {
	var out []byte
	for _, x := range bits {
		b := binary.LittleEndian.AppendUint64(nil, x)[:width]
		if big {
			slices.Reverse(b)
		}
		out = append(out, b...)
	}
	return out
}

// TestTypes reads 1, 2 and the extreme of every type in both byte orders.
func TestTypes(t *testing.T) {
	for _, c := range []struct {
		name    string
		bits    [3]uint64
		extreme float64
	}{
		{"b1", [3]uint64{1, 0, 7}, 1},
		{"u1", [3]uint64{1, 2, 0xff}, 255},
		{"u2", [3]uint64{1, 2, 0xffff}, 65535},
		{"u4", [3]uint64{1, 2, 0xffffffff}, 1<<32 - 1},
		{"u8", [3]uint64{1, 2, 1 << 63}, 1 << 63},
		{"i1", [3]uint64{1, 2, 0x80}, -128},
		{"i2", [3]uint64{1, 2, 0x8000}, -32768},
		{"i4", [3]uint64{1, 2, 0x80000000}, -1 << 31},
		{"i8", [3]uint64{1, 2, 1 << 63}, -1 << 63},
		{"f2", [3]uint64{0x3c00, 0x4000, 0xfbff}, -65504},
		{"f4", [3]uint64{0x3f800000, 0x40000000, 0xff7fffff}, -math.MaxFloat32},
		{"f8", [3]uint64{0x3ff0000000000000, 0x4000000000000000, 0xffefffffffffffff}, -math.MaxFloat64},
	} {
		width := int(c.name[1] - '0')
		for _, order := range []string{"<", ">", "|", "=", ""} {
			file := npytest.Raw(order+c.name, false, []int{3}, numbers(order == ">", width, c.bits[:]...))
			a, err := Read(bytes.NewReader(file))
			if err != nil {
				t.Errorf("%s%s: %v", order, c.name, err)
				continue
			}
			want := []float64{1, 2, c.extreme}
			if c.name == "b1" {
				want[1] = 0
			}
			if got, err := Floats[float64](a); err != nil || !slices.Equal(got, want) || a.Type() != c.name {
				t.Errorf("%s%s: %v, %v, want %v", order, c.name, got, err, want)
			}
			whole, err := a.Ints()
			if fits := c.name[0] != 'f' && c.name != "u8"; fits != (err == nil) || fits && whole[2] != int(c.extreme) {
				t.Errorf("%s%s: integers %v, %v", order, c.name, whole, err)
			}
		}
	}
}

// TestHalf holds every half-precision number against its definition.
func TestHalf(t *testing.T) {
	for b := range 1 << 16 {
		s, e, f := b>>15, b>>10&31, float64(b&1023)
		want := math.Pow(2, float64(max(e, 1)-15)) * (map[bool]float64{true: 1, false: 0}[e > 0] + f/1024) * float64(1-2*s)
		if e == 31 {
			want = math.Inf(1 - 2*s)
			if f > 0 {
				want = math.NaN()
			}
		}
		if got := Half(uint16(b)); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%04x = %v, want %v", b, got, want)
		}
	}
}

// TestOrders writes random arrays in C and in Fortran order, versions 1 to 3, with
// and without their size known: they read alike.
func TestOrders(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shape := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
		n := 1
		for _, d := range shape {
			n *= d
		}
		values := make([]uint64, n)
		for i := range values {
			values[i] = uint64(i * 77)
		}
		width := rapid.SampledFrom([]int{1, 2, 4, 8}).Draw(t, "width")
		big := rapid.Bool().Draw(t, "big endian")
		fortran := rapid.Bool().Draw(t, "fortran")
		stored := values
		if fortran {
			stored = make([]uint64, n)
			for i := range values { // first index fastest
				rest, at, step := i, make([]int, len(shape)), 1
				for d := len(shape) - 1; d >= 0; d-- {
					at[d], rest = rest%shape[d], rest/shape[d]
				}
				to := 0
				for d := range shape {
					to += at[d] * step
					step *= shape[d]
				}
				stored[to] = values[i]
			}
		}
		words := strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]")
		if len(shape) == 1 {
			words += ","
		}
		head := fmt.Sprintf("{'shape': (%s), 'fortran_order': %s, \"descr\" : '%su%d'}", words,
			map[bool]string{true: "True", false: "False"}[fortran], map[bool]string{true: ">", false: "<"}[big], width)
		file := npytest.Header(rapid.SampledFrom([]byte{1, 2, 3}).Draw(t, "version"), head, numbers(big, width, stored...))
		var in io.Reader = bytes.NewReader(file)
		if rapid.Bool().Draw(t, "size unknown") {
			in = struct{ io.Reader }{in}
		}
		a, err := Read(in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Floats[float64](a)
		if err != nil || !slices.Equal(a.Shape, shape) || len(got) != n || a.Len() != n {
			t.Fatalf("%v of %d, %v", a.Shape, len(got), err)
		}
		for i := range got {
			if want := values[i] & (1<<(8*width) - 1); got[i] != float64(want) {
				t.Fatalf("element %v = %v, want %v", a.place(i), got[i], want)
			}
		}
	})
}

func TestRefused(t *testing.T) {
	header := func(text string) []byte { return npytest.Header(1, text, make([]byte, 8)) }
	for want, file := range map[string][]byte{
		"not an npy file":                                     []byte("nonsense"),
		"not an npy file ":                                    nil,
		"npy version 9":                                       []byte("\x93NUMPY\x09\x00\x00\x00"),
		"ends in its header":                                  []byte("\x93NUMPY\x01\x00\x76\x00{'descr'"),
		"an npy file that ends in its header":                 []byte("\x93NUMPY\x02\x00\x76\x00"),
		"an npy header of 4294967295 bytes: at most 65536":    []byte("\x93NUMPY\x02\x00\xff\xff\xff\xff{'descr'"),
		`elements of type "<c8"`:                              npytest.Raw("<c8", false, []int{1}, make([]byte, 8)),
		`elements of type "|O"`:                               npytest.Raw("|O", false, []int{1}, make([]byte, 8)),
		`elements of type "<>f8"`:                             npytest.Raw("<>f8", false, []int{1}, make([]byte, 8)),
		"elements with fields":                                header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"),
		"shape [3] of type f4 takes 12 bytes: the file has 8": npytest.Raw("<f4", false, []int{3}, make([]byte, 8)),
		"shape [1] of type f4 takes 4 bytes: more follow":     npytest.Raw("<f4", false, []int{1}, make([]byte, 8)),
		"shape [1048576 1048576] of type f4 takes 4398046511104 bytes: the file has 8": npytest.Raw("<f4", false, []int{1 << 20, 1 << 20}, make([]byte, 8)),
		"more elements than there can be":                                              npytest.Raw("<f4", false, []int{1 << 40, 1 << 40}, make([]byte, 8)),
		"more elements than there can be ":                                             npytest.Raw("<f8", false, []int{1 << 60}, make([]byte, 8)),
		"want a shape of at most 64 whole numbers":                                     npytest.Raw("<f4", false, make([]int, 65), nil),
		`whole numbers, have "-1`:                                                      npytest.Raw("<f4", false, []int{-1}, make([]byte, 8)),
		`whole numbers, have "99999999999999999999"`:                                   header("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999"),
		`key "shape" twice`:                                                            header("{'shape': (2,), 'shape': (2,), 'descr': '<f4', 'fortran_order': False}"),
		`no key "order"`:                                                               header("{'order': 1}"),
		"npy header: want {'descr':":                                                   header("{'shape': (2,), 'descr': '<f4'}"),
		"npy header: want {'descr': ":                                                  header("{'shape': (2,), 'descr': '<f4', 'fortran_order': False} and more"),
		`want "False", have "0`:                                                        header("{'fortran_order': 0}"),
		`want a comma`:                                                                 header("{'fortran_order': True 'shape': (2,)}"),
		`want "{"`:                                                                     header("[]"),
		`want a text in quotes`:                                                        header("{descr: 1}"),
		`want a plain text`:                                                            header(`{'de\'scr': 1}`),
	} {
		for _, in := range []io.Reader{bytes.NewReader(file), struct{ io.Reader }{bytes.NewReader(file)}} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Read(in)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) || strings.Contains(err.Error(), "\n") {
				t.Errorf("%.80q: %v, want %s", file, err, want)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
				t.Errorf("%.80q: took %d bytes to refuse", file, used)
			}
		}
	}
}

func TestValues(t *testing.T) {
	read := func(file []byte) *Array {
		a, err := Read(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	nan := read(npytest.File(t, []float64{1, 2, 3, 4, 5, math.NaN(), 7, math.Inf(1)}, 2, 2, 2))
	if _, err := Floats[float64](nan); err == nil || err.Error() != "element [1 0 1] = NaN: want finite numbers of 64 bits" {
		t.Errorf("NaN: %v", err)
	}
	large := read(npytest.File(t, []float64{1, 1e300}, 2))
	if _, err := Floats[float32](large); err == nil || err.Error() != "element [1] = 1e+300: want finite numbers of 32 bits" {
		t.Errorf("1e300: %v", err)
	}
	if got, err := Floats[float32](read(npytest.File(t, []float64{0.1}))); err != nil || !slices.Equal(got, []float32{0.1}) {
		t.Errorf("0.1: %v, %v", got, err)
	}
	if got, ok := read(npytest.File(t, []bool{true, false}, 2)).Bytes(); !ok || !slices.Equal(got, []byte{1, 0}) {
		t.Errorf("truth values: %v, %v", got, ok)
	}
	if _, ok := read(npytest.File(t, []int8{1}, 1)).Bytes(); ok {
		t.Error("signed bytes pass for unsigned ones")
	}
	if _, err := read(npytest.File(t, []float32{1}, 1)).Ints(); err == nil || err.Error() != "elements of type f4: want integers" {
		t.Errorf("floats as integers: %v", err)
	}
	if _, err := read(npytest.File(t, []uint64{1, math.MaxUint64}, 2)).Ints(); err == nil || err.Error() != "element [1] = 18446744073709551615: too large" {
		t.Errorf("a large integer: %v", err)
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy.gz")
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write(npytest.File(t, []uint16{7, 8}, 1, 2))
	z.Close()
	if err := os.WriteFile(path, packed.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	a, err := Load(t.Context(), path)
	if err != nil || !slices.Equal(a.Shape, []int{1, 2}) || a.Type() != "u2" {
		t.Errorf("packed: %v, %v", a, err)
	}
	if err := os.WriteFile(path, []byte("nonsense"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), path); err == nil || !strings.Contains(err.Error(), "a.npy.gz: gzip: invalid header") {
		t.Errorf("error %v", err)
	}
	a, err = Load(t.Context(), testdata.Data(t, "embeddings/wordvecs1000_f32.npy")) // as NumPy wrote it
	if err != nil {
		t.Fatal(err)
	}
	if got, err := Floats[float32](a); err != nil || a.Shape[0] != 1000 || len(got) != 1000*a.Shape[1] {
		t.Errorf("word vectors: %v, %v", a.Shape, err)
	}
}

func TestArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	save := func(data []byte) {
		t.Helper()
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	save(npytest.Archive(t, map[string][]byte{"b.npy": npytest.File(t, []int32{4, 5}, 2), "a.npy": npytest.File(t, []float32{1, 2, 3}, 1, 3)}))
	list, err := LoadArchive(t.Context(), path)
	if err != nil || len(list) != 2 || list[0].Name != "a" || list[1].Name != "b" || list[0].Len() != 3 || list[1].Type() != "i4" {
		t.Errorf("got %v, %v", list, err)
	}
	bomb := npytest.File(t, make([]uint8, 100<<20), 100<<20)
	for want, members := range map[string]map[string][]byte{
		"a.npz: x.txt: an archive of arrays holds .npy files": {"x.txt": nil},
		"a.npz: bad.npy: not an npy file":                     {"bad.npy": []byte("nonsense")},
		`a.npz: "\x1b[2J.npy": not an npy file`:               {"\x1b[2J.npy": nil},
		"a.npz: bomb.npy: ":                                   {"bomb.npy": bomb},
	} {
		save(npytest.Archive(t, members))
		if _, err := LoadArchive(t.Context(), path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	save([]byte("nonsense"))
	if _, err := LoadArchive(t.Context(), path); err == nil || !strings.Contains(err.Error(), "a.npz: zip: not a valid zip file") {
		t.Errorf("error %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(npytest.File(f, []float32{1, 2}, 1, 2))
	f.Add(npytest.Raw(">f2", true, []int{2, 1}, make([]byte, 4)))
	f.Add(npytest.Header(2, "{'descr': '|b1', 'fortran_order': False, 'shape': (3L,), }", make([]byte, 3)))
	f.Add(npytest.Raw("<f4", false, []int{1 << 20, 1 << 20}, make([]byte, 64)))
	f.Add(npytest.Raw("<f8", true, []int{1 << 31, 1 << 31, 4}, make([]byte, 64))) // wraps
	f.Add(npytest.Raw("<f4", false, []int{0, 4}, nil))
	f.Add(npytest.File(f, []float64{math.NaN(), math.Inf(1), 1e308}, 3))
	f.Add(npytest.File(f, []float32{1, 2, 3, 4}, 2, 2)[:90])
	f.Fuzz(func(t *testing.T, data []byte) {
		known, err := Read(bytes.NewReader(data))
		unknown, again := Read(struct{ io.Reader }{bytes.NewReader(data)})
		if (err == nil) != (again == nil) {
			t.Fatalf("size known: %v, unknown: %v", err, again)
		}
		if err != nil {
			return
		}
		n := 1
		for _, d := range known.Shape {
			n *= d
		}
		if known.Len() != n || !bytes.Equal(known.raw, unknown.raw) {
			t.Fatalf("%d elements for shape %v", known.Len(), known.Shape)
		}
		_, _ = Floats[float32](known)
		_, _ = known.Ints()
	})
}

// TestEighths holds every eight-bit float against its definition.
func TestEighths(t *testing.T) {
	for _, format := range []struct {
		name            string
		fraction, bias  int
		infinite, holes bool
	}{{Float8E4M3, 3, 7, false, true}, {Float8E5M2, 2, 15, true, false}} {
		for b := range 256 {
			a, err := New([]int{1}, format.name, []byte{byte(b)})
			if err != nil {
				t.Fatal(err)
			}
			top := 1<<(7-format.fraction) - 1
			e, f := b&0x7f>>format.fraction, float64(b&(1<<format.fraction-1))/float64(int(1)<<format.fraction)
			want := math.Pow(2, float64(max(e, 1)-format.bias)) * (map[bool]float64{true: 1, false: 0}[e > 0] + f) * float64(1-2*(b>>7))
			none := format.infinite && e == top || format.holes && b&0x7f == 0x7f
			got, err := Floats[float64](a)
			if none != (err != nil) || !none && got[0] != want {
				t.Errorf("%s %02x = %v, %v, want %v", format.name, b, got, err, want)
			}
		}
	}
}
