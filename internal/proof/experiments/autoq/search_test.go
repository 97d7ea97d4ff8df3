package autoq

import (
	"context"
	"sync"
	"testing"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers/autoq"
)

func glyphs(t testing.TB, split string, lo, hi int) (kernels.Batch, []int) {
	t.Helper()
	images := dataset.Glyphs(split, lo, hi, 1)
	norm := shipped.Normalization
	x, err := kernels.Normalize(images.Pixels, images.N, kernels.Shape{C: images.C, H: images.H, W: images.W}, norm.Mean, norm.Std)
	if err != nil {
		t.Fatal(err)
	}
	return x, images.Labels
}

// sensitivity of the shipped network on few images, measured once.
func sensitivity(t testing.TB) *autoq.Sensitivity {
	t.Helper()
	s, err := measured()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var measured = sync.OnceValues(func() (*autoq.Sensitivity, error) {
	machine, err := arch.Load("haq-bismo-edge", nil)
	if err != nil {
		return nil, err
	}
	t := &testing.T{}
	calib, _ := glyphs(t, "calib", 0, 32)
	images, _ := glyphs(t, "train", 0, 8)
	s := &autoq.Setup{Machine: evaluate.SearchMachine(machine), Net: shipped.Network(), Calib: calib, Images: images}
	if _, err := s.Problem(context.Background(), "tile", nil); err != nil {
		return nil, err
	}
	return s.Sensitivity, nil
})
