package zoo

import "fmt"

// Detectors of the TensorFlow object detection API and of Darknet, up to the maps that the
// host reads: boxes are decoded and sorted out there.

// ssdHead predicts, from each map, the boxes of 3 anchors a position on the first and 6
// on the others, and their scores of 91 classes, with k×k convolutions; light: each a
// depthwise one and a 1×1.
func (n *net) ssdHead(maps []tensor, k int, light bool) {
	for i, x := range maps {
		anchors := 6
		if i == 0 {
			anchors = 3
		}
		for _, part := range []struct {
			name string
			each int
		}{{"box", 4}, {"class", 91}} {
			name := fmt.Sprintf("predict%d.%s", i, part.name)
			y, size := x, k
			if light {
				y, size = n.depthwise(x, name+".dw", conv{k: 3, act: relu}), 1
			}
			n.conv(y, name, conv{out: anchors * part.each, k: size})
		}
	}
}

// ssdExtras halve the last map again and again, each by a 1×1 convolution to half the
// channels and a 3×3 one.
func (n *net) ssdExtras(x tensor, light bool, channels ...int) (maps []tensor) {
	for i, c := range channels {
		name := fmt.Sprintf("extra%d", i+1)
		x = n.conv(x, name+".reduce", conv{out: c / 2, k: 1, act: relu})
		if light {
			x = n.depthwise(x, name+".dw", conv{k: 3, stride: 2, pad: least, act: relu})
			x = n.conv(x, name, conv{out: c, k: 1, act: relu})
		} else {
			x = n.conv(x, name, conv{out: c, k: 3, stride: 2, pad: least, act: relu})
		}
		maps = append(maps, x)
	}
	return maps
}

// ssdMobileNetV1 is SSD on MobileNet v1, 300×300.
func ssdMobileNetV1(n *net) {
	x := n.conv(image(3, 300, 300), "conv", conv{out: 32, k: 3, stride: 2, pad: least, act: relu})
	maps := n.separableLayers(x, 1024, least)
	n.ssdHead(append(maps[:], n.ssdExtras(maps[1], false, 512, 256, 256, 128)...), 1, false)
}

// ssdMobileNetV2 is SSD on MobileNet v2, 300×300; light is SSDLite.
func ssdMobileNetV2(light bool) func(*net) {
	return func(n *net) {
		maps := n.mobileNetV2Maps(image(3, 300, 300), 1)
		n.ssdHead(append(maps[:], n.ssdExtras(maps[1], light, 512, 256, 256, 128)...), 3, light)
	}
}

// ssdInceptionV2 is SSD on Inception v2, 300×300.
func ssdInceptionV2(n *net) {
	sixteenth, last := n.inceptionV2Maps(image(3, 300, 300), true)
	n.ssdHead(append([]tensor{sixteenth, last}, n.ssdExtras(last, false, 512, 256, 256, 128)...), 3, false)
}

// ssdResNet50FPN is SSD with shared heads on a feature pyramid of ResNet-50 v1, 640×640.
func ssdResNet50FPN(n *net) {
	ends := n.slimStages(image(3, 640, 640), []int{3, 4, 6, 3}, true)
	const depth = 256
	var maps [5]tensor // of strides 8 to 128
	top := n.conv(ends[3], "fpn.lateral5", conv{out: depth, k: 1})
	maps[2] = top
	for i := 1; i >= 0; i-- {
		name := fmt.Sprintf("fpn.level%d", i+3)
		up := top
		lateral := n.conv(ends[i+1], name+".lateral", conv{out: depth, k: 1})
		up.h, up.w = lateral.h, lateral.w
		top = n.add(lateral, n.vector(name+".upsample", 1, up, top), name+".add", linear)
		maps[i] = n.conv(top, name+".smooth", conv{out: depth, k: 3})
	}
	maps[3] = n.conv(maps[2], "fpn.level6", conv{out: depth, k: 3, stride: 2, pad: least})
	maps[4] = n.conv(maps[3], "fpn.level7", conv{out: depth, k: 3, stride: 2, pad: least})
	for i, x := range maps {
		for _, part := range []struct {
			name string
			out  int
		}{{"box", 6 * 4}, {"class", 6 * 91}} {
			y, name := x, fmt.Sprintf("level%d.%s", i+3, part.name)
			for j := range 4 {
				y = n.conv(y, fmt.Sprintf("%s.tower%d", name, j+1), conv{out: depth, k: 3, act: relu})
			}
			n.conv(y, name, conv{out: part.out, k: 3})
		}
	}
}
