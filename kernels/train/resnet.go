package train

import (
	"fmt"

	"bitcycle/kernels"
)

// ResNet describes a residual network for small images (He, Zhang, Ren and
// Sun, CVPR 2016, §4.2): a 3×3 convolution, then for each width a stage of
// blocks of two 3×3 convolutions, halving the image from the second stage on,
// then the mean over the image and a dense layer. Where the shape changes, the
// shortcut is a 1×1 convolution (option B). Widths 16, 32, 64 with 3 blocks
// each make ResNet-20.
func ResNet(name string, input kernels.Shape, widths []int, blocks, classes int) *Spec {
	s := NewSpec(name, input)
	x := s.convNorm("stem", 0, widths[0], 3, 1)
	x = s.Relu("stem.relu", x)
	channels := widths[0]
	for stage, width := range widths {
		for b := range blocks {
			stride := 1
			if stage > 0 && b == 0 {
				stride = 2
			}
			x = s.residual(fmt.Sprintf("stage%d.block%d", stage+1, b+1), x, width, stride, channels != width)
			channels = width
		}
	}
	x = s.GlobalPool("pool", x)
	s.Dense("classifier", x, classes)
	return s
}

// residual adds relu(shortcut(in) + norm(conv(relu(norm(conv(in)))))).
func (s *Spec) residual(name string, in, width, stride int, project bool) int {
	shortcut := in
	if stride != 1 || project {
		shortcut = s.convNorm(name+".shortcut", in, width, 1, stride)
	}
	x := s.convNorm(name+".a", in, width, 3, stride)
	x = s.Relu(name+".a.relu", x)
	x = s.convNorm(name+".b", x, width, 3, 1)
	x = s.Add(name+".add", x, shortcut)
	return s.Relu(name+".relu", x)
}

// convNorm adds a convolution that keeps the size, and its normalization.
func (s *Spec) convNorm(name string, in, width, kernel, stride int) int {
	x := s.Conv(name+".conv", in, width, kernel, stride, kernel/2)
	return s.BatchNorm(name+".norm", x)
}
