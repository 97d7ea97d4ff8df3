package kernels

import "fmt"

// Tensors of which one repeats along the axes where its length is 1.

// broadcast returns the shape that two tensors have together.
func broadcast(a, b Shape) (Shape, error) {
	out, ok := Shape{}, true
	longer := func(a, b int) int {
		ok = ok && (a == b || a == 1 || b == 1)
		return max(a, b)
	}
	out.C, out.H, out.W = longer(a.C, b.C), longer(a.H, b.H), longer(a.W, b.W)
	out.D = longer(max(a.D, 1), max(b.D, 1))
	if !ok {
		return Shape{}, fmt.Errorf("shapes %v and %v differ where neither is 1", a, b)
	}
	if out.D == 1 {
		out.D = 0
	}
	return out, nil
}

// source tells where an operand of a broadcast lies.
type source struct {
	pixels int // of an image
	// pixel is the operand's pixel for each of the output; nil: the same.
	pixel []int32
	// step is how far apart the values of two channels lie: 0 if one serves all.
	step int
}

func newSource(in, out Shape) source {
	s := source{pixels: in.Pixels(), step: 1}
	if in.C == 1 && out.C > 1 {
		s.step = 0
	}
	if in.Pixels() == out.Pixels() {
		return s
	}
	s.pixel = make([]int32, 0, out.Pixels())
	for d := range max(out.D, 1) {
		for h := range out.H {
			for w := range out.W {
				at := (min(d, max(in.D, 1)-1)*in.H+min(h, in.H-1))*in.W + min(w, in.W-1)
				s.pixel = append(s.pixel, int32(at))
			}
		}
	}
	return s
}

// at returns the operand's pixel for pixel p of image i.
func (s *source) at(i, p int) int {
	if s.pixel == nil {
		return i*s.pixels + p
	}
	return i*s.pixels + int(s.pixel[p])
}
