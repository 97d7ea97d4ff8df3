//go:build !noasm

package vector

//go:generate go run ./gen -out vector_amd64.s -stubs vector_amd64.go -pkg vector

var pathAVX2 = path{
	lanes: 8, affine: affineAVX2, combine: combineAVX2, combineAdd: combineAddAVX2,
	add: addAVX2, addProduct: addProductAVX2, addMax: addMaxAVX2, mask: maskAVX2, ceil: ceilAVX2,
}

var pathAVX512 = path{
	lanes: 16, affine: affineAVX512, combine: combineAVX512, combineAdd: combineAddAVX512,
	add: addAVX512, addProduct: addProductAVX512, addMax: addMaxAVX512, mask: maskAVX512, ceil: ceilAVX512,
}

func paths(name string) []path {
	switch name {
	case "avx512":
		return []path{pathAVX512, pathAVX2}
	case "avx2":
		return []path{pathAVX2}
	}
	return nil
}

// sums, maskSums and ceilGradient are direct calls, so that their results may lie on the
// stack.

func (p *path) sums(s, q, a, b *float32, positions, stride int) {
	if p.lanes == pathAVX512.lanes {
		sumsAVX512(s, q, a, b, positions, stride)
	} else {
		sumsAVX2(s, q, a, b, positions, stride)
	}
}

func (p *path) maskSums(s, q, dy, x, scale, shift *float32, positions, stride int) {
	if p.lanes == pathAVX512.lanes {
		maskSumsAVX512(s, q, dy, x, scale, shift, positions, stride)
	} else {
		maskSumsAVX2(s, q, dy, x, scale, shift, positions, stride)
	}
}

func (p *path) ceilGradient(s, q, dx, dy, x *float32, limit float32, positions, stride int) {
	if p.lanes == pathAVX512.lanes {
		ceilGradientAVX512(s, q, dx, dy, x, limit, positions, stride)
	} else {
		ceilGradientAVX2(s, q, dx, dy, x, limit, positions, stride)
	}
}
