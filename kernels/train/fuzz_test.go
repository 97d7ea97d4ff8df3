package train

import (
	"bytes"
	"math"
	"testing"

	"bitcycle/internal/tensors"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
)

// FuzzCheckpoint restores a run from any bytes: what is taken holds finite numbers and a
// step that the run has.
func FuzzCheckpoint(f *testing.F) {
	spec := ResNet("small", kernels.Shape{C: 1, H: 4, W: 4}, []int{2}, 1, 2)
	fresh := func() *fit {
		m, err := New(spec, 1, 1)
		if err != nil {
			f.Fatal(err)
		}
		return &fit{m: m, data: &Data{Images: &dataset.Images{Name: "few", N: 4}}, o: Options{Epochs: 2, Batch: 2}}
	}
	r := fresh()
	whole, err := r.bytes()
	if err != nil {
		f.Fatal(err)
	}
	r.m.Params[0].Value[0] = float32(math.NaN())
	nan, err := r.bytes()
	if err != nil {
		f.Fatal(err)
	}
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-1] ^= 1
	for _, seed := range [][]byte{whole, nan, damaged, whole[:len(whole)-4], whole[:20], nil, bytes.Replace(whole, []byte("F32"), []byte("F16"), 1)} {
		f.Add(seed)
	}
	r = fresh()
	f.Fuzz(func(t *testing.T, data []byte) {
		kept, err := tensors.Parse(data)
		if err != nil || r.restore(kept) != nil {
			return
		}
		for _, x := range r.tensors() {
			for _, v := range x.values {
				if v-v != 0 {
					t.Fatalf("%s holds %v", x.name, v)
				}
			}
		}
	})
}
