package zoo

import "fmt"

// basicResNet is ResNet-18 or -34 (He et al., CVPR 2016) of blocks of two 3×3
// convolutions; blocks are those of each stage.
func basicResNet(blocks ...int) func(*net) {
	return func(n *net) {
		n.resNet(blocks, 1, func(x tensor, name string, c, stride int) tensor {
			y := n.conv(x, name+".conv1", conv{out: c, k: 3, stride: stride, act: relu})
			return n.conv(y, name+".conv2", conv{out: c, k: 3})
		})
	}
}

// bottleneckResNet is ResNet-50, -101 or -152 with the stride in the 3×3
// convolution ("v1.5"), as most implementations have it.
func bottleneckResNet(blocks ...int) func(*net) {
	return func(n *net) {
		n.resNet(blocks, 4, func(x tensor, name string, c, stride int) tensor {
			y := n.conv(x, name+".conv1", conv{out: c, k: 1, act: relu})
			y = n.conv(y, name+".conv2", conv{out: c, k: 3, stride: stride, act: relu})
			return n.conv(y, name+".conv3", conv{out: 4 * c, k: 1})
		})
	}
}

// resNet chains four stages of residual blocks; branch is a block's own path, of
// expansion times c channels.
func (n *net) resNet(blocks []int, expansion int, branch func(x tensor, name string, c, stride int) tensor) {
	x := n.conv(image(3, 224, 224), "conv1", conv{out: 64, k: 7, stride: 2, act: relu})
	x = n.maxPool(x, "maxpool", pool{k: 3, stride: 2, pad: 1})
	for i, count := range blocks {
		for j := range count {
			stride := 1
			if i > 0 && j == 0 {
				stride = 2
			}
			c, name := 64<<i, fmt.Sprintf("layer%d.%d", i+1, j)
			x = n.residual(x, branch(x, name, c, stride), name, expansion*c, stride)
		}
	}
	n.dense(n.globalPool(x, "avgpool"), "fc", 1000, linear)
}

// residual adds the input to a branch, projected where shapes differ.
func (n *net) residual(x, y tensor, name string, c, stride int) tensor {
	if stride > 1 || x.c != c {
		x = n.conv(x, name+".downsample", conv{out: c, k: 1, stride: stride})
	}
	return n.add(y, x, name+".add", relu)
}
