package npy_test

import (
	"bytes"
	"slices"
	"testing"

	"bitcycle/internal/npy"
)

// What is written is read back, and begins its values at a multiple of 64 bytes.
func TestWrite(t *testing.T) {
	var file bytes.Buffer
	if err := npy.Write(&file, []int64{1, -2, 3, 1 << 40, 5, 6}, 1, 2, 3); err != nil {
		t.Fatal(err)
	}
	if (file.Len()-6*8)%64 != 0 {
		t.Errorf("%d bytes", file.Len())
	}
	a, err := npy.Read(&file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := a.Ints()
	if err != nil || !slices.Equal(got, []int{1, -2, 3, 1 << 40, 5, 6}) || !slices.Equal(a.Shape, []int{1, 2, 3}) {
		t.Errorf("%v, %v, %v", got, a.Shape, err)
	}
	if err := npy.Write(&file, []float64{1.5}, 2); err == nil {
		t.Error("one value in a shape of two")
	}
	file.Reset()
	if err := npy.Write(&file, []float64{1.5, -0.25}, 2); err != nil {
		t.Fatal(err)
	}
	if a, err = npy.Read(&file); err != nil {
		t.Fatal(err)
	}
	if x, err := npy.Floats[float64](a); err != nil || !slices.Equal(x, []float64{1.5, -0.25}) {
		t.Errorf("%v, %v", x, err)
	}
}
