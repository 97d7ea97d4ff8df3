package zoo

import "fmt"

// leaky is a convolution of Darknet.
func (n *net) leaky(x tensor, name string, out, k, stride int) tensor {
	return n.conv(x, name, conv{out: out, k: k, stride: stride, act: curve})
}

// pyramid turns a map into a detection map of out channels by five alternating
// convolutions, and returns what goes on to the next scale.
func (n *net) pyramid(x tensor, name string, c, out int) (onward tensor) {
	for i := range 5 {
		k, wide := 1, c
		if i%2 == 1 {
			k, wide = 3, 2*c
		}
		x = n.leaky(x, fmt.Sprintf("%s.conv%d", name, i+1), wide, k, 1)
	}
	if out > 0 {
		n.conv(n.leaky(x, name+".conv6", 2*c, 3, 1), name+".out", conv{out: out, k: 1})
	}
	return x
}

// doubled is a 1×1 convolution and the nearest values on a map of twice the size.
func (n *net) doubled(x tensor, name string, c int) tensor {
	x = n.leaky(x, name+".conv", c, 1, 1)
	out := x
	out.h, out.w = 2*x.h, 2*x.w
	return n.vector(name+".upsample", 1, out, x)
}

// yoloV3 is YOLOv3 (Redmon, Farhadi, 2018) for so many output channels a position: 75 for
// the 20 classes of VOC, 255 for the 80 of COCO.
func yoloV3(size, out int) func(*net) {
	return func(n *net) {
		x := n.leaky(image(3, size, size), "conv0", 32, 3, 1)
		var ends []tensor
		for i, blocks := range []int{1, 2, 8, 8, 4} {
			c := 64 << i
			x = n.leaky(x, fmt.Sprintf("down%d", i+1), c, 3, 2)
			for j := range blocks {
				name := fmt.Sprintf("stage%d.%d", i+1, j+1)
				y := n.leaky(n.leaky(x, name+".conv1", c/2, 1, 1), name+".conv2", c, 3, 1)
				x = n.add(y, x, name+".add", linear)
			}
			ends = append(ends, x)
		}
		x = n.pyramid(ends[4], "scale1", 512, out)
		x = n.pyramid(concat(n.doubled(x, "up1", 256), ends[3]), "scale2", 256, out)
		n.pyramid(concat(n.doubled(x, "up2", 128), ends[2]), "scale3", 128, out)
	}
}

// yoloV2VOC is YOLOv2 (Redmon, Farhadi, CVPR 2017) for VOC.
func yoloV2VOC(size int) func(*net) {
	return func(n *net) {
		x := image(3, size, size)
		var fine tensor
		for i, stage := range [][]int{{32}, {64}, {128, 64, 128}, {256, 128, 256}, {512, 256, 512, 256, 512}, {1024, 512, 1024, 512, 1024, 1024, 1024}} {
			for j, c := range stage {
				k := 3
				if j%2 == 1 && j < 5 {
					k = 1
				}
				x = n.leaky(x, fmt.Sprintf("conv%d_%d", i+1, j+1), c, k, 1)
			}
			if i == 4 {
				fine = x
			}
			if i < 5 {
				x = n.maxPool(x, fmt.Sprintf("pool%d", i+1), pool{k: 2, stride: 2})
			}
		}
		fine = n.leaky(fine, "passthrough", 64, 1, 1)
		folded := fine
		folded.c, folded.h, folded.w = 4*fine.c, fine.h/2, fine.w/2
		x = concat(n.vector("reorganize", 1, folded, fine), x)
		n.conv(n.leaky(x, "conv7", 1024, 3, 1), "out", conv{out: 125, k: 1})
	}
}

// yoloV4 is YOLOv4 (Bochkovskiy et al., 2020) for COCO: a cross-stage partial Darknet-53,
// pooling over 5×5, 9×9 and 13×13, and a path back down.
func yoloV4(size int) func(*net) {
	return func(n *net) {
		x := n.leaky(image(3, size, size), "conv0", 32, 3, 1)
		var ends []tensor
		for i, blocks := range []int{1, 2, 8, 8, 4} {
			x = n.crossStage(n.leaky(x, fmt.Sprintf("down%d", i+1), 64<<i, 3, 2), fmt.Sprintf("stage%d", i+1), 64<<i, blocks)
			ends = append(ends, x)
		}
		x = n.leaky(n.leaky(n.leaky(x, "spp.conv1", 512, 1, 1), "spp.conv2", 1024, 3, 1), "spp.conv3", 512, 1, 1)
		pools := []tensor{x}
		for _, k := range []int{5, 9, 13} {
			pools = append(pools, n.maxPool(x, fmt.Sprintf("spp.pool%d", k), pool{k: k, stride: 1, pad: k / 2}))
		}
		x = n.leaky(n.leaky(n.leaky(concat(pools...), "spp.conv4", 512, 1, 1), "spp.conv5", 1024, 3, 1), "spp.conv6", 512, 1, 1)
		coarse := x
		x = concat(n.leaky(ends[3], "up1.lateral", 256, 1, 1), n.doubled(x, "up1", 256))
		middle := n.pyramid(x, "up1", 256, 0)
		x = concat(n.leaky(ends[2], "up2.lateral", 128, 1, 1), n.doubled(middle, "up2", 128))
		x = n.pyramid(x, "scale1", 128, 255)
		x = n.pyramid(concat(n.leaky(x, "down6", 256, 3, 2), middle), "scale2", 256, 255)
		n.pyramid(concat(n.leaky(x, "down7", 512, 3, 2), coarse), "scale3", 512, 255)
	}
}

// crossStage sends half of the channels through residual blocks and the other half by.
func (n *net) crossStage(x tensor, name string, c, blocks int) tensor {
	half, inner := c/2, c/2
	if blocks == 1 {
		half = c
	}
	by := n.leaky(x, name+".by", half, 1, 1)
	y := n.leaky(x, name+".in", half, 1, 1)
	for j := range blocks {
		b := fmt.Sprintf("%s.%d", name, j+1)
		z := n.leaky(n.leaky(y, b+".conv1", inner, 1, 1), b+".conv2", half, 3, 1)
		y = n.add(z, y, b+".add", linear)
	}
	y = n.leaky(y, name+".out", half, 1, 1)
	return n.leaky(concat(y, by), name+".join", c, 1, 1)
}
