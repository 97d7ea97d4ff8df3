package zoo

import "fmt"

// alexNet is AlexNet in two groups (Krizhevsky, Sutskever, Hinton, NIPS 2012).
func alexNet(n *net) {
	x := n.conv(image(3, 227, 227), "conv1", conv{out: 96, k: 11, stride: 4, pad: none, act: relu})
	x = n.maxPool(n.lrn(x, "norm1"), "pool1", pool{k: 3, stride: 2})
	x = n.conv(x, "conv2", conv{out: 256, k: 5, groups: 2, act: relu})
	x = n.maxPool(n.lrn(x, "norm2"), "pool2", pool{k: 3, stride: 2})
	x = n.conv(x, "conv3", conv{out: 384, k: 3, act: relu})
	x = n.conv(x, "conv4", conv{out: 384, k: 3, groups: 2, act: relu})
	x = n.conv(x, "conv5", conv{out: 256, k: 3, groups: 2, act: relu})
	x = n.maxPool(x, "pool5", pool{k: 3, stride: 2})
	n.head4096(x)
}

// head4096 are the three dense layers of AlexNet and VGG.
func (n *net) head4096(x tensor) {
	x = n.dense(x.flat(), "fc6", 4096, relu)
	n.dense(n.dense(x, "fc7", 4096, relu), "fc8", 1000, linear)
}

// vgg16 is configuration D (Simonyan, Zisserman, ICLR 2015).
func vgg16(n *net) { n.vgg(2, 2, 3, 3, 3) }

// vgg is five stages of so many 3×3 convolutions.
func (n *net) vgg(stages ...int) {
	x := image(3, 224, 224)
	for i, count := range stages {
		for j := range count {
			x = n.conv(x, fmt.Sprintf("conv%d_%d", i+1, j+1), conv{out: min(64<<i, 512), k: 3, act: relu})
		}
		x = n.maxPool(x, fmt.Sprintf("pool%d", i+1), pool{k: 2, stride: 2})
	}
	n.head4096(x)
}

// squeezeNet10 is SqueezeNet as published (Iandola et al., 2016).
func squeezeNet10(n *net) {
	x := n.conv(image(3, 224, 224), "conv1", conv{out: 96, k: 7, stride: 2, pad: none, act: relu})
	n.fires(x, map[int]bool{1: true, 4: true, 8: true})
}

// squeezeNet11 is SqueezeNet with earlier pooling (its authors' release 1.1).
func squeezeNet11(n *net) { n.squeezeNet11(224) }

// squeezeNet11At227 is the same on the image of Caffe's files.
func squeezeNet11At227(n *net) { n.squeezeNet11(227) }

func (n *net) squeezeNet11(size int) {
	x := n.conv(image(3, size, size), "conv1", conv{out: 64, k: 3, stride: 2, pad: none, act: relu})
	n.fires(x, map[int]bool{1: true, 3: true, 5: true})
}

// fires are the fire modules 2 to 9 and the classifier; pools follow some modules,
// 1 being the first convolution.
func (n *net) fires(x tensor, pooled map[int]bool) {
	for module := 1; module <= 9; module++ {
		if module > 1 {
			x = n.fire(x, fmt.Sprintf("fire%d", module), 16*(module/2))
		}
		if pooled[module] {
			x = n.maxPool(x, fmt.Sprintf("pool%d", module), pool{k: 3, stride: 2, ceil: true})
		}
	}
	n.globalPool(n.conv(x, "conv10", conv{out: 1000, k: 1, act: relu}), "pool10")
}

func (n *net) fire(x tensor, name string, squeeze int) tensor {
	s := n.conv(x, name+".squeeze", conv{out: squeeze, k: 1, act: relu})
	return concat(
		n.conv(s, name+".expand1x1", conv{out: 4 * squeeze, k: 1, act: relu}),
		n.conv(s, name+".expand3x3", conv{out: 4 * squeeze, k: 3, act: relu}))
}

// denseNet121 is DenseNet-BC of growth 32 (Huang et al., CVPR 2017). The
// normalization before a layer reads what all layers before have made, each
// channel with a scale of its own, and stays an op.
func denseNet121(n *net) {
	x := n.conv(image(3, 224, 224), "conv0", conv{out: 64, k: 7, stride: 2, act: relu})
	x = n.maxPool(x, "pool0", pool{k: 3, stride: 2, pad: 1})
	for i, layers := range []int{6, 12, 24, 16} {
		if i > 0 {
			t := fmt.Sprintf("transition%d", i)
			x = n.conv(n.normRelu(x, t+".norm"), t+".conv", conv{out: x.c / 2, k: 1})
			x = n.avgPool(x, t+".pool", pool{k: 2, stride: 2})
		}
		for j := range layers {
			name := fmt.Sprintf("block%d.layer%d", i+1, j+1)
			y := n.conv(n.normRelu(x, name+".norm1"), name+".conv1", conv{out: 128, k: 1, act: relu})
			x = concat(x, n.conv(y, name+".conv2", conv{out: 32, k: 3}))
		}
	}
	x = n.globalPool(n.normRelu(x, "norm5"), "pool5")
	n.dense(x, "classifier", 1000, linear)
}

// normRelu scales, shifts and cuts every channel.
func (n *net) normRelu(x tensor, name string) tensor {
	out := x
	out.signed = false
	return n.vector(name, 2, out, x)
}
