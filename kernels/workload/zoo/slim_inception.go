package zoo

import "fmt"

// inceptionV2 is Inception v2 (Ioffe, Szegedy, ICML 2015) at size×size as TF-Slim
// defines it, whose first convolution is separable, or as first published with a plain one.
func inceptionV2(separable bool) func(*net) {
	return func(n *net) {
		_, x := n.inceptionV2Maps(image(3, 224, 224), separable)
		n.dense(n.globalPool(x, "pool"), "logits", 1000, linear)
	}
}

// v2Module is the channels of a module of Inception v2: 1×1, 3×3 reduced, 3×3, two 3×3
// reduced, two 3×3, pooled. Without 1×1 it halves the map and the pooled stay as they are.
type v2Module struct {
	name                                       string
	one, reduce3, three, reduce5, five, pooled int
	max                                        bool // the maximum is pooled, not the mean
}

// inceptionV2Maps are the maps after modules 4c… that detectors read (the one at a
// sixteenth of the image) and the last one.
func (n *net) inceptionV2Maps(x tensor, separable bool) (sixteenth, last tensor) {
	down := pool{k: 3, stride: 2, pad: 1}
	if separable {
		x = n.conv(x, "conv1.depthwise", conv{out: 24, k: 7, stride: 2, groups: 3})
		x = n.conv(x, "conv1", conv{out: 64, k: 1, act: relu})
	} else {
		x = n.conv(x, "conv1", conv{out: 64, k: 7, stride: 2, act: relu})
	}
	x = n.maxPool(x, "pool1", down)
	x = n.conv(x, "conv2.reduce", conv{out: 64, k: 1, act: relu})
	x = n.maxPool(n.conv(x, "conv2", conv{out: 192, k: 3, act: relu}), "pool2", down)
	for _, m := range []v2Module{
		{"mixed3b", 64, 64, 64, 64, 96, 32, false},
		{"mixed3c", 64, 64, 96, 64, 96, 64, false},
		{"mixed4a", 0, 128, 160, 64, 96, 0, true},
		{"mixed4b", 224, 64, 96, 96, 128, 128, false},
		{"mixed4c", 192, 96, 128, 96, 128, 128, false},
		{"mixed4d", 160, 128, 160, 128, 160, 96, false},
		{"mixed4e", 96, 128, 192, 160, 192, 96, false},
		{"mixed5a", 0, 128, 192, 192, 256, 0, true},
		{"mixed5b", 352, 192, 320, 160, 224, 128, false},
		{"mixed5c", 352, 192, 320, 192, 224, 128, true},
	} {
		x = n.v2Module(x, m)
		if m.name == "mixed4c" {
			sixteenth = x
		}
	}
	return sixteenth, x
}

func (n *net) v2Module(x tensor, m v2Module) tensor {
	stride := 1
	if m.one == 0 {
		stride = 2
	}
	unit := func(x tensor, part string, out, k, stride int) tensor {
		return n.conv(x, m.name+"."+part, conv{out: out, k: k, stride: stride, act: relu})
	}
	three := unit(unit(x, "3x3.reduce", m.reduce3, 1, 1), "3x3", m.three, 3, stride)
	five := unit(unit(unit(x, "3x3dbl.reduce", m.reduce5, 1, 1), "3x3dbl.1", m.five, 3, 1), "3x3dbl.2", m.five, 3, stride)
	if stride == 2 {
		return concat(three, five, n.maxPool(x, m.name+".pool", pool{k: 3, stride: 2, pad: 1}))
	}
	around := pool{k: 3, stride: 1, pad: 1}
	pooled := n.avgPool
	if m.max {
		pooled = n.maxPool
	}
	return concat(unit(x, "1x1", m.one, 1, 1), three, five, unit(pooled(x, m.name+".pool", around), "pool.proj", m.pooled, 1, 1))
}

// inceptionV4 is Inception v4 (Szegedy et al., AAAI 2017), 299×299.
func inceptionV4(n *net) {
	x := n.conv(image(3, 299, 299), "conv1", conv{out: 32, k: 3, stride: 2, pad: none, act: relu})
	x = n.conv(x, "conv2", conv{out: 32, k: 3, pad: none, act: relu})
	x = n.conv(x, "conv3", conv{out: 64, k: 3, act: relu})
	x = concat(n.maxPool(x, "mixed3a.pool", pool{k: 3, stride: 2}), n.branch(x, "mixed3a", factor{96, 3, 3, 2}))
	long := n.branch(x, "mixed4a.long", factor{64, 1, 1, 1}, factor{64, 1, 7, 1}, factor{64, 7, 1, 1})
	x = concat(
		n.conv(n.branch(x, "mixed4a.short", factor{64, 1, 1, 1}), "mixed4a.short.3x3", conv{out: 96, k: 3, pad: none, act: relu}),
		n.conv(long, "mixed4a.long.3x3", conv{out: 96, k: 3, pad: none, act: relu}))
	x = concat(n.branch(x, "mixed5a", factor{192, 3, 3, 2}), n.maxPool(x, "mixed5a.pool", pool{k: 3, stride: 2}))
	for i := range 4 {
		name := fmt.Sprintf("mixed5%c", 'b'+i)
		x = concat(
			n.branch(x, name+".1x1", factor{96, 1, 1, 1}),
			n.branch(x, name+".3x3", factor{64, 1, 1, 1}, factor{96, 3, 3, 1}),
			n.branch(x, name+".3x3dbl", factor{64, 1, 1, 1}, factor{96, 3, 3, 1}, factor{96, 3, 3, 1}),
			n.pooledBranch(x, name, 96))
	}
	x = concat(
		n.branch(x, "mixed6a.3x3", factor{384, 3, 3, 2}),
		n.branch(x, "mixed6a.3x3dbl", factor{192, 1, 1, 1}, factor{224, 3, 3, 1}, factor{256, 3, 3, 2}),
		n.maxPool(x, "mixed6a.pool", pool{k: 3, stride: 2}))
	for i := range 7 {
		name := fmt.Sprintf("mixed6%c", 'b'+i)
		x = concat(
			n.branch(x, name+".1x1", factor{384, 1, 1, 1}),
			n.branch(x, name+".7x7", factor{192, 1, 1, 1}, factor{224, 1, 7, 1}, factor{256, 7, 1, 1}),
			n.branch(x, name+".7x7dbl", factor{192, 1, 1, 1}, factor{192, 7, 1, 1}, factor{224, 1, 7, 1}, factor{224, 7, 1, 1}, factor{256, 1, 7, 1}),
			n.pooledBranch(x, name, 128))
	}
	x = concat(
		n.branch(x, "mixed7a.3x3", factor{192, 1, 1, 1}, factor{192, 3, 3, 2}),
		n.branch(x, "mixed7a.7x7", factor{256, 1, 1, 1}, factor{256, 1, 7, 1}, factor{320, 7, 1, 1}, factor{320, 3, 3, 2}),
		n.maxPool(x, "mixed7a.pool", pool{k: 3, stride: 2}))
	for i := range 3 {
		x = n.inceptionV4C(x, fmt.Sprintf("mixed7%c", 'b'+i))
	}
	n.dense(n.globalPool(x, "pool"), "logits", 1001, linear)
}

func (n *net) inceptionV4C(x tensor, name string) tensor {
	fork := func(x tensor, name string) tensor {
		return concat(n.branch(x, name+".1x3", factor{256, 1, 3, 1}), n.branch(x, name+".3x1", factor{256, 3, 1, 1}))
	}
	return concat(
		n.branch(x, name+".1x1", factor{256, 1, 1, 1}),
		fork(n.branch(x, name+".3x3", factor{384, 1, 1, 1}), name+".3x3"),
		fork(n.branch(x, name+".3x3dbl", factor{384, 1, 1, 1}, factor{448, 3, 1, 1}, factor{512, 1, 3, 1}), name+".3x3dbl"),
		n.pooledBranch(x, name, 256))
}

// inceptionResNetV2 is Inception-ResNet v2 (Szegedy et al., AAAI 2017) as TF-Slim defines
// it, 299×299. The scale of a branch is part of its last convolution.
func inceptionResNetV2(n *net) {
	x := n.conv(image(3, 299, 299), "conv1a", conv{out: 32, k: 3, stride: 2, pad: none, act: relu})
	x = n.conv(x, "conv2a", conv{out: 32, k: 3, pad: none, act: relu})
	x = n.conv(x, "conv2b", conv{out: 64, k: 3, act: relu})
	x = n.maxPool(x, "pool3a", pool{k: 3, stride: 2})
	x = n.conv(x, "conv3b", conv{out: 80, k: 1, act: relu})
	x = n.conv(x, "conv4a", conv{out: 192, k: 3, pad: none, act: relu})
	x = n.maxPool(x, "pool5a", pool{k: 3, stride: 2})
	x = concat(
		n.branch(x, "mixed5b.1x1", factor{96, 1, 1, 1}),
		n.branch(x, "mixed5b.5x5", factor{48, 1, 1, 1}, factor{64, 5, 5, 1}),
		n.branch(x, "mixed5b.3x3dbl", factor{64, 1, 1, 1}, factor{96, 3, 3, 1}, factor{96, 3, 3, 1}),
		n.pooledBranch(x, "mixed5b", 64))
	for i := range 10 {
		name := fmt.Sprintf("block35.%d", i+1)
		x = n.mixedResidual(x, name, relu,
			n.branch(x, name+".1x1", factor{32, 1, 1, 1}),
			n.branch(x, name+".3x3", factor{32, 1, 1, 1}, factor{32, 3, 3, 1}),
			n.branch(x, name+".3x3dbl", factor{32, 1, 1, 1}, factor{48, 3, 3, 1}, factor{64, 3, 3, 1}))
	}
	x = concat(
		n.branch(x, "mixed6a.3x3", factor{384, 3, 3, 2}),
		n.branch(x, "mixed6a.3x3dbl", factor{256, 1, 1, 1}, factor{256, 3, 3, 1}, factor{384, 3, 3, 2}),
		n.maxPool(x, "mixed6a.pool", pool{k: 3, stride: 2}))
	for i := range 20 {
		name := fmt.Sprintf("block17.%d", i+1)
		x = n.mixedResidual(x, name, relu,
			n.branch(x, name+".1x1", factor{192, 1, 1, 1}),
			n.branch(x, name+".7x7", factor{128, 1, 1, 1}, factor{160, 1, 7, 1}, factor{192, 7, 1, 1}))
	}
	x = concat(
		n.branch(x, "mixed7a.a", factor{256, 1, 1, 1}, factor{384, 3, 3, 2}),
		n.branch(x, "mixed7a.b", factor{256, 1, 1, 1}, factor{288, 3, 3, 2}),
		n.branch(x, "mixed7a.c", factor{256, 1, 1, 1}, factor{288, 3, 3, 1}, factor{320, 3, 3, 2}),
		n.maxPool(x, "mixed7a.pool", pool{k: 3, stride: 2}))
	for i := range 10 {
		name, f := fmt.Sprintf("block8.%d", i+1), relu
		if i == 9 {
			f = linear
		}
		x = n.mixedResidual(x, name, f,
			n.branch(x, name+".1x1", factor{192, 1, 1, 1}),
			n.branch(x, name+".3x3", factor{192, 1, 1, 1}, factor{224, 1, 3, 1}, factor{256, 3, 1, 1}))
	}
	x = n.conv(x, "conv7b", conv{out: 1536, k: 1, act: relu})
	n.dense(n.globalPool(x, "pool"), "logits", 1001, linear)
}

// mixedResidual projects the branches back to the channels of x and adds x.
func (n *net) mixedResidual(x tensor, name string, f act, branches ...tensor) tensor {
	up := n.conv(concat(branches...), name+".up", conv{out: x.c, k: 1})
	return n.add(up, x, name+".add", f)
}
