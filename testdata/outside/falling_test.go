package main

import (
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/shipped"
	"bitcycle/quantizers"
	"bitcycle/quantizers/methodtest"
	"fmt"
	"testing"
)

// A method of another module passes the contract of methods.
func TestContract(t *testing.T) {
	images := dataset.Glyphs("calib", 0, 8, dataset.GlyphSeed)
	norm := shipped.Normalization
	calib, err := kernels.Normalize(images.Pixels, images.N, kernels.Shape{C: images.C, H: images.H, W: images.W}, norm.Mean, norm.Std)
	if err != nil {
		t.Fatal(err)
	}
	methodtest.Suite{
		Spec: "falling", Network: shipped.Network(), Calib: calib,
		Parse: func(spec string, _ int64, _ int) (quantizers.Method, error) {
			if spec != "falling" {
				return nil, fmt.Errorf("method %q: falling has no arguments", spec)
			}
			return falling{}, nil
		},
	}.Run(t)
}
