package tensors

import (
	"encoding/binary"
	"slices"
	"testing"

	"bitcycle/internal/npy"
)

// Eight-bit floats are read beside other types; their bytes stay where they are.
func TestEighths(t *testing.T) {
	header := `{"__metadata__":{"format":"pt"},"a":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]},` +
		`"b":{"dtype":"F8_E5M2","shape":[2],"data_offsets":[4,6]},"c":{"dtype":"U8","shape":[1],"data_offsets":[6,7]}}`
	data := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	data = append(append(data, header...), 0x38, 0xb8, 0x7e, 0x01, 0x3c, 0xc0, 9)
	f, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]float64{"a": {1, -1, 448, 1.0 / 512}, "b": {1, -2}, "c": {9}} {
		got, err := npy.Floats[float64](f.Find(name))
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s = %v, %v, want %v", name, got, err, want)
		}
	}
	if f.Info["format"] != "pt" {
		t.Errorf("the header says %v", f.Info)
	}
}
