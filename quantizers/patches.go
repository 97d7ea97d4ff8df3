package quantizers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"bitcycle/kernels"
)

// Patches are input vectors of one layer, sampled from calibration images: each
// row is what one group of the layer multiplies at one output position, in the
// order of its weights.
type Patches struct {
	K, Groups int
	Rows      [][]float64 // by group: n×K, row-major
}

// SamplePatches draws up to limit input vectors of every layer (per group) from
// the float network's activations on the images, positions chosen by the seed.
func SamplePatches(net *kernels.Network, images kernels.Batch, limit int, seed uint64) ([]Patches, error) {
	if images.N == 0 {
		return nil, fmt.Errorf("calibration needs at least one image")
	}
	layers := net.Layers()
	perImage := (limit + images.N - 1) / images.N
	samplers := map[int][]*sampler{}
	var all []*sampler
	var watch []int
	for i, n := range layers {
		s := newSampler(net, n, images.N, perImage, seed+uint64(i))
		all = append(all, s)
		in := net.Nodes[n].Inputs[0]
		if !slices.Contains(watch, in) {
			watch = append(watch, in)
		}
		samplers[in] = append(samplers[in], s)
	}
	plan, err := kernels.Compile(net, kernels.PlanOptions{Watch: watch, Observe: func(node, image int, values []float32) {
		for _, s := range samplers[node] {
			s.take(image, values)
		}
	}})
	if err != nil {
		return nil, err
	}
	if err := plan.Run(images, make([]float32, images.N*plan.Classes)); err != nil {
		return nil, err
	}
	out := make([]Patches, len(layers))
	for i, s := range all {
		out[i] = s.patches()
	}
	return out, nil
}

// sampler collects the vectors of one layer, image by image.
type sampler struct {
	product kernels.Product
	in, out kernels.Shape
	each    int
	seed    uint64
	mu      sync.Mutex
	parts   [][][]float64 // image → group → rows
}

func newSampler(net *kernels.Network, n, images, each int, seed uint64) *sampler {
	node := &net.Nodes[n]
	product, _ := net.Product(n)
	return &sampler{
		product: product, in: net.Nodes[node.Inputs[0]].Shape, out: node.Shape,
		each: each, seed: seed, parts: make([][][]float64, images),
	}
}

// take samples positions of one image; values are NHWC. A dense layer has one.
func (s *sampler) take(image int, values []float32) {
	rng := rand.New(rand.NewPCG(s.seed, uint64(image)))
	rows := make([][]float64, s.product.Groups)
	for range s.each {
		position := 0
		if !s.product.Whole {
			position = rng.IntN(s.out.Pixels())
		}
		for g := range rows {
			rows[g] = s.appendPatch(rows[g], values, position, g)
		}
		if s.product.Whole {
			break
		}
	}
	s.mu.Lock()
	s.parts[image] = rows
	s.mu.Unlock()
}

func (s *sampler) appendPatch(dst []float64, values []float32, position, group int) []float64 {
	p, per, rows := &s.product, s.in.C/s.product.Groups, s.in.Pixels()/s.in.W
	y0 := position/s.out.W*p.Stride[0] - p.Pad[0]
	x0 := position%s.out.W*p.Stride[1] - p.Pad[1]
	for c := group * per; c < (group+1)*per; c++ {
		for ky := range p.Kernel[0] {
			for kx := range p.Kernel[1] {
				y, x := y0+ky*p.Dilation[0], x0+kx*p.Dilation[1]
				v := 0.0
				if y >= 0 && y < rows && x >= 0 && x < s.in.W {
					v = float64(values[(y*s.in.W+x)*s.in.C+c])
				}
				dst = append(dst, v)
			}
		}
	}
	return dst
}

func (s *sampler) patches() Patches {
	out := Patches{K: s.product.K, Groups: s.product.Groups, Rows: make([][]float64, s.product.Groups)}
	for _, part := range s.parts {
		for g, rows := range part {
			out.Rows[g] = append(out.Rows[g], rows...)
		}
	}
	return out
}
