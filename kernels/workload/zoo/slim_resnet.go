package zoo

import "fmt"

// slimResNetV1 is ResNet v1 as TF-Slim defines it: the stride of a stage is in the 3×3
// convolution of its last block, and shortcuts of equal depth are subsampled.
func slimResNetV1(blocks ...int) func(*net) {
	return func(n *net) { n.slimClassifier(n.slimStages(image(3, 224, 224), blocks, false)[3]) }
}

func (n *net) slimClassifier(x tensor) { n.dense(n.globalPool(x, "pool5"), "logits", 1000, linear) }

// slimStages are the outputs of the four stages; late, they are at hand before their
// stride: the last block has none, and its output is subsampled for the next stage.
func (n *net) slimStages(x tensor, blocks []int, late bool) (ends [4]tensor) {
	x = n.conv(x, "conv1", conv{out: 64, k: 7, stride: 2, act: relu})
	x = n.maxPool(x, "pool1", pool{k: 3, stride: 2, ceil: true})
	for i, count := range blocks {
		for j := range count {
			stride := slimStride(i, j, count)
			name, c := fmt.Sprintf("block%d.unit%d", i+1, j+1), 64<<i
			if late {
				stride = 1
			}
			y := n.conv(x, name+".conv1", conv{out: c, k: 1, act: relu})
			y = n.conv(y, name+".conv2", conv{out: c, k: 3, stride: stride, act: relu})
			y = n.conv(y, name+".conv3", conv{out: 4 * c, k: 1})
			x = n.add(y, n.slimShortcut(x, x, name, 4*c, stride), name+".add", relu)
		}
		ends[i] = x
		if late && i < 3 {
			x = n.maxPool(x, fmt.Sprintf("block%d.subsample", i+1), pool{k: 1, stride: 2})
		}
	}
	return ends
}

// slimStride is that of block j of the count in stage i.
func slimStride(i, j, count int) int {
	if i < 3 && j == count-1 {
		return 2
	}
	return 1
}

// slimShortcut is x subsampled, or from, which is x before or after its activation,
// projected to c channels.
func (n *net) slimShortcut(x, from tensor, name string, c, stride int) tensor {
	switch {
	case x.c != c:
		return n.conv(from, name+".shortcut", conv{out: c, k: 1, stride: stride})
	case stride > 1:
		return n.maxPool(x, name+".subsample", pool{k: 1, stride: stride})
	}
	return x
}

// slimResNetV2 is ResNet v2 (He et al., ECCV 2016) as TF-Slim defines it, at 299×299: a
// scale, a shift and the activation before every block stay operations of their own.
func slimResNetV2(blocks ...int) func(*net) {
	return func(n *net) {
		x := n.conv(image(3, 299, 299), "conv1", conv{out: 64, k: 7, stride: 2})
		x = n.maxPool(x, "pool1", pool{k: 3, stride: 2, ceil: true})
		for i, count := range blocks {
			for j := range count {
				stride := slimStride(i, j, count)
				name, c := fmt.Sprintf("block%d.unit%d", i+1, j+1), 64<<i
				pre := n.normRelu(x, name+".preact")
				y := n.conv(pre, name+".conv1", conv{out: c, k: 1, act: relu})
				y = n.conv(y, name+".conv2", conv{out: c, k: 3, stride: stride, act: relu})
				y = n.conv(y, name+".conv3", conv{out: 4 * c, k: 1})
				x = n.add(y, n.slimShortcut(x, pre, name, 4*c, stride), name+".add", linear)
			}
		}
		n.slimClassifier(n.normRelu(x, "postnorm"))
	}
}

// firstResNet is ResNet-50, -101 or -152 as first published, with the stride in the first
// 1×1 convolution of a stage: Caffe's and Keras' networks.
func firstResNet(blocks ...int) func(*net) {
	return func(n *net) {
		n.resNet(blocks, 4, func(x tensor, name string, c, stride int) tensor {
			y := n.conv(x, name+".conv1", conv{out: c, k: 1, stride: stride, act: relu})
			y = n.conv(y, name+".conv2", conv{out: c, k: 3, act: relu})
			return n.conv(y, name+".conv3", conv{out: 4 * c, k: 1})
		})
	}
}
