package tensors

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nlpodyssey/safetensors"

	"bitcycle/internal/npy"
)

// file is a safetensors file with this header and body.
func file(header string, body []byte) []byte {
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), []byte(header), body)
}

func TestLoad(t *testing.T) {
	views := map[string]safetensors.TensorView{}
	for name, c := range map[string]struct {
		kind safetensors.DType
		raw  []byte
	}{
		"f4": {safetensors.F32, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}}, "f2": {safetensors.F16, []byte{0, 0x3c, 0, 0xc0}},
		"bf": {safetensors.BF16, []byte{0x80, 0x3f, 0, 0xc0}}, "i1": {safetensors.I8, []byte{1, 0xfe}}, "i8": {safetensors.I64, binary.LittleEndian.AppendUint64([]byte{1, 0, 0, 0, 0, 0, 0, 0}, math.MaxUint64-1)},
	} {
		view, err := safetensors.NewTensorView(c.kind, []uint64{1, 2}, c.raw)
		if err != nil {
			t.Fatal(err)
		}
		views[name] = view
	}
	data, err := safetensors.Serialize(views, map[string]string{"run": "x"})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "a.safetensors")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := Load(t.Context(), path)
	if err != nil || f.Info["run"] != "x" || len(f.Arrays) != len(views) || f.Find("f3") != nil {
		t.Fatalf("got %+v, %v", f, err)
	}
	for name := range views {
		a := f.Find(name)
		if got, err := npy.Floats[float64](a); err != nil || !slices.Equal(got, []float64{1, -2}) || !slices.Equal(a.Shape, []int{1, 2}) {
			t.Errorf("%s: %v of shape %v, %v", name, got, a.Shape, err)
		}
	}
	if err := os.WriteFile(path, file("{", nil), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(t.Context(), path); err == nil || !strings.Contains(err.Error(), "a.safetensors: safetensors header: unexpected end") {
		t.Errorf("error %v", err)
	}
}

func TestRefused(t *testing.T) {
	tensor := `{"w": {"dtype": "U8", "shape": [%s], "data_offsets": [%s]}}`
	header := fmt.Sprintf(tensor, "%d", "0, %d")
	for want, data := range map[string][]byte{
		"shorter than 8 bytes":                    []byte("x"),
		"a header of 1000 bytes":                  append(binary.LittleEndian.AppendUint64(nil, 1000), "{}"...),
		"a header of 9223372036854775808":         append(binary.LittleEndian.AppendUint64(nil, 1<<63), "{}"...),
		"safetensors header: invalid":             file("nonsense", nil),
		"w: bytes 0 to 18446744073709551615 of 3": file(fmt.Sprintf(header, uint64(math.MaxUint64), uint64(math.MaxUint64)), make([]byte, 3)),
		"w: bytes 2 to 1 of 3":                    file(fmt.Sprintf(tensor, "1", "2, 1"), make([]byte, 3)),
		"w: bytes 0 to 4 of 3":                    file(fmt.Sprintf(tensor, "4", "0, 4"), make([]byte, 3)),
		"offsets mismatch":                        file(fmt.Sprintf(tensor, "2", "0, 3"), make([]byte, 3)),
		"multiplication overflow":                 file(fmt.Sprintf(tensor, "4294967296, 4294967296, 4294967296", "0, 3"), make([]byte, 3)),
		"w: json: cannot unmarshal":               file(`{"w": {"data_offsets": "x"}}`, nil),
		"tensors end at byte 2 of 3":              file(fmt.Sprintf(tensor, "2", "0, 2"), make([]byte, 3)),
		`"\x1b[2J": bytes 0 to 9 of 0`:            file(`{"\u001b[2J": {"data_offsets": [0, 9]}}`, nil),
	} {
		if _, err := Parse(data); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.100q: %v, want %s", data, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(file(`{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}`, make([]byte, 4)))
	f.Add(file(`{"w": {"dtype": "U8", "shape": [18446744073709551615], "data_offsets": [0, 18446744073709551615]}, "__metadata__": {"a": "b"}}`, nil))
	f.Add(file(`{"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}`, []byte("\x00\x00\xc0\x7f\x00\x00\x80\x7f")))                                 // NaN, infinite
	f.Add(file(`{"w": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 0]}}`, nil))                                                   // wraps
	f.Add(file(`{"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "U8", "shape": [4], "data_offsets": [2, 6]}}`, make([]byte, 6))) // overlap
	f.Add(file(`{"\u001b[2J": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}`, make([]byte, 4)))
	f.Add(append(binary.LittleEndian.AppendUint64(nil, 1<<40), 0))
	f.Add(file(`{"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}`, nil))
	f.Fuzz(func(_ *testing.T, data []byte) {
		file, err := Parse(data)
		if err != nil {
			return
		}
		for _, m := range file.Arrays {
			_, _ = npy.Floats[float32](m.Array)
		}
	})
}
