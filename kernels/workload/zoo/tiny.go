package zoo

import "fmt"

// The four networks of MLPerf Tiny (Banbury et al., NeurIPS Datasets and
// Benchmarks 2021).

// tinyResNet8 classifies CIFAR-10 images.
func tinyResNet8(n *net) {
	x := n.conv(image(3, 32, 32), "conv", conv{out: 16, k: 3, act: relu})
	for i, c := range []int{16, 32, 64} {
		name, stride := fmt.Sprintf("stack%d", i+1), min(i+1, 2)
		y := n.conv(x, name+".conv1", conv{out: c, k: 3, stride: stride, pad: least, act: relu})
		y = n.conv(y, name+".conv2", conv{out: c, k: 3})
		x = n.residual(x, y, name, c, stride)
	}
	n.softmax(n.dense(n.globalPool(x, "pool"), "fc", 10, linear), "softmax")
}

// tinyDSCNN spots keywords in 49 frames of 10 cepstral coefficients.
func tinyDSCNN(n *net) {
	x := n.conv(image(1, 49, 10), "conv", conv{out: 64, k: 10, kw: 4, stride: 2, pad: least, act: relu})
	for i := range 4 {
		name := fmt.Sprintf("block%d", i+1)
		x = n.depthwise(x, name+".dw", conv{k: 3, act: relu})
		x = n.conv(x, name+".pw", conv{out: 64, k: 1, act: relu})
	}
	n.softmax(n.dense(n.globalPool(x, "pool"), "fc", 12, linear), "softmax")
}

// tinyMobileNet is MobileNet v1 at a quarter of its width and finds persons.
func tinyMobileNet(n *net) {
	x := n.conv(image(3, 96, 96), "conv", conv{out: 8, k: 3, stride: 2, pad: least, act: relu})
	n.separable(x, 256, 2, least)
}

// tinyMobileNetLive is the same without the output channels whose weights are all zero in
// the reference network (vww_96_int8 of mlcommons/tiny@1afd2c9), and what hangs on them:
// what a compiler that looks at the weights leaves.
func tinyMobileNetLive(n *net) {
	x := n.conv(image(3, 96, 96), "conv", conv{out: 8, k: 3, stride: 2, pad: least, act: relu})
	for i, out := range []int{16, 32, 32, 64, 60, 107, 57, 30, 19, 19, 27, 32, 22} {
		name, stride := fmt.Sprintf("block%d", i+1), 1
		if i == 1 || i == 3 || i == 5 || i == 11 {
			stride = 2
		}
		x = n.depthwise(x, name+".dw", conv{k: 3, stride: stride, pad: least, act: relu})
		x = n.conv(x, name+".pw", conv{out: out, k: 1, act: relu})
	}
	n.dense(n.globalPool(x, "avgpool"), "fc", 2, linear)
}

// tinyAutoencoder finds anomalies in 5 frames of 128 bands.
func tinyAutoencoder(n *net) {
	x := image(640, 1, 1)
	for i, out := range []int{128, 128, 128, 128, 8, 128, 128, 128, 128} {
		x = n.dense(x, fmt.Sprintf("fc%d", i+1), out, relu)
	}
	n.dense(x, "fc10", 640, linear)
}

// yoloV3Tiny is YOLOv3-tiny for the 80 classes of COCO (Redmon, Farhadi, 2018, and
// its authors' configuration) at 416×416, up to the two output maps.
func yoloV3Tiny(n *net) {
	leaky := func(x tensor, name string, out, k int) tensor {
		return n.conv(x, name, conv{out: out, k: k, act: curve})
	}
	x := image(3, 416, 416)
	var fine tensor
	for i, c := range []int{16, 32, 64, 128, 256, 512} {
		x = leaky(x, fmt.Sprintf("conv%d", i+1), c, 3)
		if c == 256 {
			fine = x
		}
		if name := fmt.Sprintf("pool%d", i+1); c < 512 {
			x = n.maxPool(x, name, pool{k: 2, stride: 2})
		} else { // with one more row and column at the end
			x = n.vector(name, 4, x, x)
		}
	}
	coarse := leaky(leaky(x, "conv7", 1024, 3), "conv8", 256, 1)
	n.conv(leaky(coarse, "conv9", 512, 3), "out13", conv{out: 255, k: 1})
	up := leaky(coarse, "conv10", 128, 1)
	out := up
	out.h, out.w = 2*up.h, 2*up.w
	x = concat(n.vector("upsample", 1, out, up), fine)
	n.conv(leaky(x, "conv11", 256, 3), "out26", conv{out: 255, k: 1})
}

// chain is dense layers of so many inputs and outputs, one after the other.
func chain(widths ...int) func(*net) {
	return func(n *net) {
		x := image(widths[0], 1, 1)
		for i, out := range widths[1:] {
			act := relu
			if i == len(widths)-2 {
				act = linear
			}
			x = n.dense(x, fmt.Sprintf("fc%d", i+1), out, act)
		}
	}
}
