package zoo

import "fmt"

// inceptionV1 is GoogLeNet (Szegedy et al., CVPR 2015, table 1) without its
// auxiliary classifiers.
func inceptionV1(n *net) { n.inceptionV1(5) }

// slimInceptionV1 has 3×3 convolutions in place of 5×5, and no response normalization: the
// definition of TF-Slim.
func slimInceptionV1(n *net) { n.inceptionV1(3) }

func (n *net) inceptionV1(k int) {
	norm := func(x tensor, name string) tensor {
		if k < 5 {
			return x
		}
		return n.lrn(x, name)
	}
	down := pool{k: 3, stride: 2, ceil: true}
	x := n.conv(image(3, 224, 224), "conv1", conv{out: 64, k: 7, stride: 2, act: relu})
	x = norm(n.maxPool(x, "pool1", down), "norm1")
	x = n.conv(x, "conv2.reduce", conv{out: 64, k: 1, act: relu})
	x = norm(n.conv(x, "conv2", conv{out: 192, k: 3, act: relu}), "norm2")
	x = n.maxPool(x, "pool2", down)
	for i, m := range [][6]int{
		{64, 96, 128, 16, 32, 32},
		{128, 128, 192, 32, 96, 64},
		{192, 96, 208, 16, 48, 64},
		{160, 112, 224, 24, 64, 64},
		{128, 128, 256, 24, 64, 64},
		{112, 144, 288, 32, 64, 64},
		{256, 160, 320, 32, 128, 128},
		{256, 160, 320, 32, 128, 128},
		{384, 192, 384, 48, 128, 128},
	} {
		name := []string{"3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b"}[i]
		if name == "4a" || name == "5a" {
			x = n.maxPool(x, "pool"+string(name[0]-1), down)
		}
		x = n.inception(x, "inception"+name, m, k)
	}
	n.dense(n.globalPool(x, "pool5"), "fc", 1000, linear)
}

// inception is a module of channels 1×1, 3×3 reduced, 3×3, k×k reduced, k×k, pooled.
func (n *net) inception(x tensor, name string, c [6]int, k int) tensor {
	unit := func(x tensor, part string, out, k int) tensor {
		return n.conv(x, name+"."+part, conv{out: out, k: k, act: relu})
	}
	return concat(
		unit(x, "1x1", c[0], 1),
		unit(unit(x, "3x3.reduce", c[1], 1), "3x3", c[2], 3),
		unit(unit(x, "5x5.reduce", c[3], 1), "5x5", c[4], k),
		unit(n.maxPool(x, name+".pool", pool{k: 3, stride: 1, pad: 1}), "pool.proj", c[5], 1))
}

// inceptionV3 is Inception v3 (Szegedy et al., CVPR 2016) without its auxiliary
// classifier.
func inceptionV3(n *net) {
	x := n.conv(image(3, 299, 299), "conv1a", conv{out: 32, k: 3, stride: 2, pad: none, act: relu})
	x = n.conv(x, "conv2a", conv{out: 32, k: 3, pad: none, act: relu})
	x = n.conv(x, "conv2b", conv{out: 64, k: 3, act: relu})
	x = n.maxPool(x, "pool1", pool{k: 3, stride: 2})
	x = n.conv(x, "conv3b", conv{out: 80, k: 1, act: relu})
	x = n.conv(x, "conv4a", conv{out: 192, k: 3, pad: none, act: relu})
	x = n.maxPool(x, "pool2", pool{k: 3, stride: 2})
	for i, pooled := range []int{32, 64, 64} {
		x = n.inceptionA(x, "mixed5"+string(rune('b'+i)), pooled)
	}
	x = n.reduceA(x, "mixed6a")
	for i, c := range []int{128, 160, 160, 192} {
		x = n.inceptionB(x, "mixed6"+string(rune('b'+i)), c)
	}
	x = n.reduceB(x, "mixed7a")
	x = n.inceptionC(n.inceptionC(x, "mixed7b"), "mixed7c")
	n.dense(n.globalPool(x, "avgpool"), "fc", 1000, linear)
}

// factor is one convolution of a branch.
type factor struct{ out, kh, kw, stride int }

// branch chains convolutions; those with a stride have no padding.
func (n *net) branch(x tensor, name string, list ...factor) tensor {
	for i, f := range list {
		c := conv{out: f.out, k: f.kh, kw: f.kw, stride: f.stride, act: relu}
		if f.stride > 1 {
			c.pad = none
		}
		x = n.conv(x, fmt.Sprintf("%s.%d", name, i+1), c)
	}
	return x
}

// pooledBranch is the mean of 3×3 positions and a 1×1 convolution.
func (n *net) pooledBranch(x tensor, name string, out int) tensor {
	return n.branch(n.avgPool(x, name+".avgpool", pool{k: 3, stride: 1, pad: 1}), name+".pool", factor{out, 1, 1, 1})
}

func (n *net) inceptionA(x tensor, name string, pooled int) tensor {
	return concat(
		n.branch(x, name+".1x1", factor{64, 1, 1, 1}),
		n.branch(x, name+".5x5", factor{48, 1, 1, 1}, factor{64, 5, 5, 1}),
		n.branch(x, name+".3x3dbl", factor{64, 1, 1, 1}, factor{96, 3, 3, 1}, factor{96, 3, 3, 1}),
		n.pooledBranch(x, name, pooled))
}

func (n *net) reduceA(x tensor, name string) tensor {
	return concat(
		n.branch(x, name+".3x3", factor{384, 3, 3, 2}),
		n.branch(x, name+".3x3dbl", factor{64, 1, 1, 1}, factor{96, 3, 3, 1}, factor{96, 3, 3, 2}),
		n.maxPool(x, name+".pool", pool{k: 3, stride: 2}))
}

func (n *net) inceptionB(x tensor, name string, c int) tensor {
	return concat(
		n.branch(x, name+".1x1", factor{192, 1, 1, 1}),
		n.branch(x, name+".7x7", factor{c, 1, 1, 1}, factor{c, 1, 7, 1}, factor{192, 7, 1, 1}),
		n.branch(x, name+".7x7dbl", factor{c, 1, 1, 1}, factor{c, 7, 1, 1}, factor{c, 1, 7, 1}, factor{c, 7, 1, 1}, factor{192, 1, 7, 1}),
		n.pooledBranch(x, name, 192))
}

func (n *net) reduceB(x tensor, name string) tensor {
	return concat(
		n.branch(x, name+".3x3", factor{192, 1, 1, 1}, factor{320, 3, 3, 2}),
		n.branch(x, name+".7x7x3", factor{192, 1, 1, 1}, factor{192, 1, 7, 1}, factor{192, 7, 1, 1}, factor{192, 3, 3, 2}),
		n.maxPool(x, name+".pool", pool{k: 3, stride: 2}))
}

func (n *net) inceptionC(x tensor, name string) tensor {
	fork := func(x tensor, name string) tensor {
		return concat(n.branch(x, name+".1x3", factor{384, 1, 3, 1}), n.branch(x, name+".3x1", factor{384, 3, 1, 1}))
	}
	return concat(
		n.branch(x, name+".1x1", factor{320, 1, 1, 1}),
		fork(n.branch(x, name+".3x3", factor{384, 1, 1, 1}), name+".3x3"),
		fork(n.branch(x, name+".3x3dbl", factor{448, 1, 1, 1}, factor{384, 3, 3, 1}), name+".3x3dbl"),
		n.pooledBranch(x, name, 192))
}
