package zoo

import "fmt"

// mobileNetV1 is MobileNet v1 at full width (Howard et al., 2017).
func mobileNetV1(n *net) {
	x := n.conv(image(3, 224, 224), "conv", conv{out: 32, k: 3, stride: 2, act: relu})
	n.separable(x, 1024, 1000, half)
}

// separable are the 13 depthwise separable layers of MobileNet v1 up to a number of
// channels, and the classifier.
func (n *net) separable(x tensor, most, classes int, pad padding) {
	maps := n.separableLayers(x, most, pad)
	n.dense(n.globalPool(maps[1], "avgpool"), "fc", classes, linear)
}

// separableLayers are the same without a classifier: the maps after layer 11, which
// detectors read, and the last.
func (n *net) separableLayers(x tensor, most int, pad padding) (maps [2]tensor) {
	for i, layer := range [][2]int{
		{16, 1}, {8, 2}, {8, 1}, {4, 2}, {4, 1}, {2, 2}, {2, 1}, {2, 1}, {2, 1}, {2, 1}, {2, 1}, {1, 2}, {1, 1},
	} {
		name := fmt.Sprintf("block%d", i+1)
		x = n.depthwise(x, name+".dw", conv{k: 3, stride: layer[1], pad: pad, act: relu})
		x = n.conv(x, name+".pw", conv{out: most / layer[0], k: 1, act: relu})
		if i == 10 {
			maps[0] = x
		}
	}
	maps[1] = x
	return maps
}

// inverted is an inverted residual block: expansion, depthwise convolution, squeeze
// and excitation by some channels, projection.
type inverted struct {
	k, wide, out, squeeze, stride int
	act, inner                    act // inner: between the two layers of the excitation
	pad                           padding
}

func (n *net) inverted(x tensor, name string, b inverted) tensor {
	y := x
	if b.wide != x.c {
		y = n.conv(y, name+".expand", conv{out: b.wide, k: 1, act: b.act})
	}
	y = n.depthwise(y, name+".dw", conv{k: b.k, stride: b.stride, act: b.act, pad: b.pad})
	if b.squeeze > 0 {
		y = n.excite(y, name+".se", b.squeeze, b.inner)
	}
	y = n.conv(y, name+".project", conv{out: b.out, k: 1})
	if b.stride == 1 && b.out == x.c {
		y = n.add(y, x, name+".add", linear)
	}
	return y
}

// excite scales every channel by a factor that two dense layers find from the
// means (Hu et al., CVPR 2018).
func (n *net) excite(x tensor, name string, squeeze int, inner act) tensor {
	f := n.dense(n.globalPool(x, name+".pool"), name+".fc1", squeeze, inner)
	return n.scale(x, n.dense(f, name+".fc2", x.c, relu), name+".scale")
}

// mobileNetV2 is MobileNet v2 (Sandler et al., CVPR 2018, table 2).
func mobileNetV2(n *net) {
	x := n.conv(image(3, 224, 224), "conv1", conv{out: 32, k: 3, stride: 2, act: relu})
	n.invertedStages(x, []stage{
		{3, 1, 16, 1, 1}, {3, 6, 24, 2, 2}, {3, 6, 32, 3, 2}, {3, 6, 64, 4, 2}, {3, 6, 96, 3, 1}, {3, 6, 160, 3, 2}, {3, 6, 320, 1, 1},
	}, 0, relu)
}

// stage is a number of inverted residual blocks, of which the first has the stride.
type stage struct{ k, expansion, out, blocks, stride int }

// invertedStages are all stages and the classifier; squeezed is by what the channels
// of a block's input are divided for the excitation, 0 for none.
func (n *net) invertedStages(x tensor, list []stage, squeezed int, f act) {
	block := 0
	for _, s := range list {
		for i := range s.blocks {
			block++
			b := inverted{k: s.k, wide: s.expansion * x.c, out: s.out, stride: 1, act: f, inner: f}
			if i == 0 {
				b.stride = s.stride
			}
			if squeezed > 0 {
				b.squeeze = x.c / squeezed
			}
			x = n.inverted(x, fmt.Sprintf("block%d", block), b)
		}
	}
	x = n.conv(x, "conv2", conv{out: 1280, k: 1, act: f})
	n.dense(n.globalPool(x, "avgpool"), "fc", 1000, linear)
}

// mobileNetV3Large and mobileNetV3Small are MobileNet v3 (Howard et al., ICCV 2019,
// tables 1 and 2).
func mobileNetV3Large(n *net) {
	n.mobileNetV3([]inverted{
		{3, 16, 16, 0, 1, relu, relu, half},
		{3, 64, 24, 0, 2, relu, relu, half},
		{3, 72, 24, 0, 1, relu, relu, half},
		{5, 72, 40, 24, 2, relu, relu, half},
		{5, 120, 40, 32, 1, relu, relu, half},
		{5, 120, 40, 32, 1, relu, relu, half},
		{3, 240, 80, 0, 2, curve, relu, half},
		{3, 200, 80, 0, 1, curve, relu, half},
		{3, 184, 80, 0, 1, curve, relu, half},
		{3, 184, 80, 0, 1, curve, relu, half},
		{3, 480, 112, 120, 1, curve, relu, half},
		{3, 672, 112, 168, 1, curve, relu, half},
		{5, 672, 160, 168, 2, curve, relu, half},
		{5, 960, 160, 240, 1, curve, relu, half},
		{5, 960, 160, 240, 1, curve, relu, half},
	}, 960, 1280)
}

func mobileNetV3Small(n *net) {
	n.mobileNetV3([]inverted{
		{3, 16, 16, 8, 2, relu, relu, half},
		{3, 72, 24, 0, 2, relu, relu, half},
		{3, 88, 24, 0, 1, relu, relu, half},
		{5, 96, 40, 24, 2, curve, relu, half},
		{5, 240, 40, 64, 1, curve, relu, half},
		{5, 240, 40, 64, 1, curve, relu, half},
		{5, 120, 48, 32, 1, curve, relu, half},
		{5, 144, 48, 40, 1, curve, relu, half},
		{5, 288, 96, 72, 2, curve, relu, half},
		{5, 576, 96, 144, 1, curve, relu, half},
		{5, 576, 96, 144, 1, curve, relu, half},
	}, 576, 1024)
}

func (n *net) mobileNetV3(blocks []inverted, last, hidden int) {
	x := n.conv(image(3, 224, 224), "conv1", conv{out: 16, k: 3, stride: 2, act: curve})
	for i, b := range blocks {
		x = n.inverted(x, fmt.Sprintf("block%d", i+1), b)
	}
	x = n.conv(x, "conv2", conv{out: last, k: 1, act: curve})
	x = n.dense(n.globalPool(x, "avgpool"), "fc1", hidden, curve)
	n.dense(x, "fc2", 1000, linear)
}

// efficientNetB0 is EfficientNet-B0 (Tan, Le, ICML 2019, table 1).
func efficientNetB0(n *net) {
	x := n.conv(image(3, 224, 224), "conv1", conv{out: 32, k: 3, stride: 2, act: curve})
	n.invertedStages(x, []stage{
		{3, 1, 16, 1, 1}, {3, 6, 24, 2, 2}, {5, 6, 40, 2, 2}, {3, 6, 80, 3, 2}, {5, 6, 112, 3, 1}, {5, 6, 192, 4, 2}, {3, 6, 320, 1, 1},
	}, 4, curve)
}
