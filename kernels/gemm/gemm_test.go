package gemm

import "testing"

func TestFloat32Smallest(t *testing.T) {
	c := []float32{0, 0, 0, 0}
	Float32(false, true, 2, 2, 2, []float32{1, 2, 3, 4}, 2, []float32{5, 6, 7, 8}, 2, false, c, 2)
	if want := [4]float32{17, 23, 39, 53}; [4]float32(c) != want {
		t.Fatalf("got %v, want %v", c, want)
	}
}
