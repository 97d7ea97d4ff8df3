package zoo

import "fmt"

// vgg19 is configuration E (Simonyan, Zisserman, ICLR 2015).
func vgg19(n *net) { n.vgg(2, 2, 4, 4, 4) }

// octets rounds channels to the nearest multiple of eight, and up where that would lose
// more than a tenth, as the MobileNets do.
func octets(c float64) int {
	n := max(8, int(c+4)/8*8)
	if float64(n) < 0.9*c {
		n += 8
	}
	return n
}

// mobileNetV1At is MobileNet v1 with a share of its channels on a smaller image, padded
// as in TensorFlow.
func mobileNetV1At(share float64, size int) func(*net) {
	return func(n *net) {
		x := n.conv(image(3, size, size), "conv", conv{out: int(32 * share), k: 3, stride: 2, pad: least, act: relu})
		n.separable(x, int(1024*share), 1001, least)
	}
}

// mobileNetV2At is MobileNet v2 with a multiple of its channels.
func mobileNetV2At(share float64) func(*net) {
	return func(n *net) {
		maps := n.mobileNetV2Maps(image(3, 224, 224), share)
		n.dense(n.globalPool(maps[1], "avgpool"), "fc", 1001, linear)
	}
}

// mobileNetV2Maps are the expansion of block 14, which detectors read, and the last map.
func (n *net) mobileNetV2Maps(x tensor, share float64) (maps [2]tensor) {
	x = n.conv(x, "conv1", conv{out: octets(32 * share), k: 3, stride: 2, pad: least, act: relu})
	block := 0
	for _, s := range []stage{
		{3, 1, 16, 1, 1}, {3, 6, 24, 2, 2}, {3, 6, 32, 3, 2}, {3, 6, 64, 4, 2}, {3, 6, 96, 3, 1}, {3, 6, 160, 3, 2}, {3, 6, 320, 1, 1},
	} {
		for i := range s.blocks {
			block++
			b := inverted{k: s.k, wide: s.expansion * x.c, out: octets(float64(s.out) * share), stride: 1, act: relu, pad: least}
			if i == 0 {
				b.stride = s.stride
			}
			if block == 14 {
				maps[0] = n.conv(x, "block14.expand", conv{out: b.wide, k: 1, act: relu})
				y := n.depthwise(maps[0], "block14.dw", conv{k: b.k, stride: b.stride, act: relu, pad: least})
				x = n.conv(y, "block14.project", conv{out: b.out, k: 1})
				continue
			}
			x = n.inverted(x, fmt.Sprintf("block%d", block), b)
		}
	}
	maps[1] = n.conv(x, "conv2", conv{out: max(1280, octets(1280*share)), k: 1, act: relu})
	return maps
}

// mobileNetV3Minimal is the small MobileNet v3 without excitations, hard swish and 5×5
// kernels ("minimalistic" in TF-Slim).
func mobileNetV3Minimal(n *net) {
	x := n.conv(image(3, 224, 224), "conv1", conv{out: 16, k: 3, stride: 2, pad: least, act: relu})
	for i, b := range [][3]int{
		{16, 16, 2}, {72, 24, 2}, {88, 24, 1}, {96, 40, 2}, {240, 40, 1}, {240, 40, 1}, {120, 48, 1}, {144, 48, 1}, {288, 96, 2}, {576, 96, 1}, {576, 96, 1},
	} {
		x = n.inverted(x, fmt.Sprintf("block%d", i+1), inverted{k: 3, wide: b[0], out: b[1], stride: b[2], act: relu, pad: least})
	}
	x = n.conv(x, "conv2", conv{out: 576, k: 1, act: relu})
	x = n.dense(n.globalPool(x, "avgpool"), "fc1", 1024, relu)
	n.dense(x, "fc2", 1001, linear)
}

// edgeBlock is an inverted residual block of the EdgeTPU networks: fused, its expansion
// and its k×k convolution are one.
type edgeBlock struct {
	k, expansion, out, stride int
	fused, alone              bool // alone: without a shortcut
	wide                      int  // channels of the expansion; 0: expansion times those of the input
	late                      bool // the stride of a fused block is that of its projection
}

func (n *net) edge(x tensor, name string, b edgeBlock) tensor {
	if !b.fused {
		y := n.conv(x, name+".expand", conv{out: b.expansion * x.c, k: 1, act: relu})
		y = n.depthwise(y, name+".dw", conv{k: b.k, stride: b.stride, act: relu, pad: least})
		return n.shortcut(x, n.conv(y, name+".project", conv{out: b.out, k: 1}), name, b.alone)
	}
	if b.wide == 0 {
		b.wide = b.expansion * x.c
	}
	y, early, late := x, b.stride, 1
	if b.late {
		early, late = 1, b.stride
	}
	if b.expansion > 1 {
		y = n.conv(x, name+".fused", conv{out: b.wide, k: b.k, stride: early, act: relu, pad: least})
	}
	return n.shortcut(x, n.conv(y, name+".project", conv{out: b.out, k: 1, stride: late}), name, b.alone)
}

// shortcut adds x to y where the shapes allow it.
func (n *net) shortcut(x, y tensor, name string, alone bool) tensor {
	if alone || x.c != y.c || x.h != y.h || x.w != y.w {
		return y
	}
	return n.add(y, x, name+".add", linear)
}

// fused and plain are the blocks of stride 1 within a stage of MobileNet EdgeTPU.
func fused(out int) edgeBlock    { return edgeBlock{k: 3, expansion: 4, out: out, stride: 1, fused: true} }
func plain(k, out int) edgeBlock { return edgeBlock{k: k, expansion: 4, out: out, stride: 1} }

// mobileNetEdge is the EdgeTPU variant of MobileNet v3 with a share of its channels, as
// TF-Slim defines it.
func mobileNetEdge(share float64) func(*net) {
	return func(n *net) {
		c := func(out int) int { return octets(float64(out) * share) }
		x := n.conv(image(3, 224, 224), "conv1", conv{out: c(32), k: 3, stride: 2, pad: least, act: relu})
		for i, b := range []edgeBlock{
			{k: 3, expansion: 1, out: 16, stride: 1, fused: true},
			{k: 3, expansion: 8, out: 32, stride: 2, fused: true},
			fused(32), fused(32), fused(32),
			{k: 3, expansion: 8, out: 48, stride: 2, fused: true},
			fused(48), fused(48), fused(48),
			{k: 3, expansion: 8, out: 96, stride: 2},
			plain(3, 96), plain(3, 96), plain(3, 96),
			{k: 3, expansion: 8, out: 96, stride: 1, alone: true},
			plain(3, 96), plain(3, 96), plain(3, 96),
			{k: 5, expansion: 8, out: 160, stride: 2},
			plain(5, 160), plain(5, 160), plain(5, 160),
			{k: 3, expansion: 8, out: 192, stride: 1},
		} {
			b.out = c(b.out)
			x = n.edge(x, fmt.Sprintf("block%d", i+1), b)
		}
		x = n.conv(x, "conv2", conv{out: 1280, k: 1, act: relu})
		n.dense(n.globalPool(x, "avgpool"), "logits", 1001, linear)
	}
}

// efficientNetEdge is EfficientNet-EdgeTPU: S, M and L are (1, 1, 224), (1, 1.1, 240) and
// (1.2, 1.4, 300) of width, depth and image.
func efficientNetEdge(wide, deep float64, size int) func(*net) {
	return func(n *net) {
		c := func(out int) int { return octets(float64(out) * wide) }
		x := n.conv(image(3, size, size), "stem", conv{out: c(32), k: 3, stride: 2, pad: least, act: relu})
		for i, s := range []struct {
			blocks int
			edgeBlock
		}{
			{1, edgeBlock{k: 3, expansion: 4, wide: 4 * c(24), out: 24, stride: 1, fused: true, alone: true}},
			{2, edgeBlock{k: 3, expansion: 8, out: 32, stride: 2, fused: true, late: true}},
			{4, edgeBlock{k: 3, expansion: 8, out: 48, stride: 2, fused: true, late: true}},
			{5, edgeBlock{k: 5, expansion: 8, out: 96, stride: 2}},
			{4, edgeBlock{k: 5, expansion: 8, out: 144, stride: 1}},
			{2, edgeBlock{k: 5, expansion: 8, out: 192, stride: 2}},
		} {
			b := s.edgeBlock
			b.out = c(b.out)
			for j := range ceiling(float64(s.blocks) * deep) {
				if j > 0 {
					b.stride, b.wide = 1, 0
				}
				x = n.edge(x, fmt.Sprintf("stage%d.%d", i+1, j+1), b)
			}
		}
		x = n.conv(x, "head", conv{out: c(1280), k: 1, act: relu})
		n.dense(n.globalPool(x, "avgpool"), "logits", 1001, linear)
	}
}

func ceiling(x float64) int {
	n := int(x)
	if float64(n) < x {
		n++
	}
	return n
}
