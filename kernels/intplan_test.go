package kernels

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawQuantized draws a network and everything that can differ in its
// quantization: widths, signs, grids that agree or not, points, pruned rows.
func drawQuantized(t *rapid.T) *Quantized {
	net := drawNetwork(t, drawn(true))
	b := &netBuilder{t: t, net: net}
	q := &Quantized{Net: net}
	shared := drawGrid(b)
	for range net.Nodes {
		g := shared
		if b.int("own grid", 0, 1) == 1 {
			g = drawGrid(b)
		}
		q.Grids = append(q.Grids, g)
	}
	for _, n := range net.MatMuls() {
		var pair [2]Grid
		for j, from := range net.Nodes[n].Factors() {
			if pair[j] = q.Grids[from]; b.int("own factor", 0, 1) == 1 {
				pair[j] = drawGrid(b)
			}
		}
		q.Factors = append(q.Factors, pair)
	}
	for _, n := range net.Layers() {
		q.Layers = append(q.Layers, drawLayer(b, n, q.Grids[net.Nodes[n].Inputs[0]]))
	}
	return q
}

func drawGrid(b *netBuilder) Grid {
	bits := rapid.SampledFrom([]uint8{1, 2, 3, 4, 7, 8, 9, 15, 16}).Draw(b.t, "bits")
	g := Grid{Scale: rapid.Float64Range(0.5, 2).Draw(b.t, "scale") / float64(int(1)<<bits), Bits: bits, Signed: b.int("signed", 0, 1) == 1}
	if b.int("foreign", 0, 3) == 0 {
		g.Round, g.Narrow = HalfEven, bits > 1 && b.int("narrow", 0, 1) == 1
	}
	if b.int("asymmetric", 0, 3) == 0 {
		lo, hi := g.Range()
		g.Zero = int32(b.int("zero point", int(lo), int(hi)))
	}
	return g
}

func drawLayer(b *netBuilder, n int, in Grid) QLayer {
	node := &b.net.Nodes[n]
	l := QLayer{Node: n, In: in}
	if b.int("own in", 0, 1) == 1 {
		l.In = drawGrid(b)
	}
	rows := node.Shape.C
	if b.int("points", 0, 3) == 0 {
		rows = 0
		for range node.Shape.C {
			p := b.int("points", 0, 3)
			rows += p
			l.Points = append(l.Points, uint8(p))
		}
	}
	widest := rapid.SampledFrom([]uint8{1, 1, 2, 4, 8, 12, 16}).Draw(b.t, "weight bits")
	k := node.Reduction()
	if widest < 16 && b.int("row zeros", 0, 3) == 0 {
		l.Unsigned, l.RowZero = true, []int16{}
	}
	for range rows {
		bits := widest
		if b.int("mixed", 0, 3) == 0 {
			bits = uint8(b.int("row bits", 0, int(widest)))
		}
		l.RowBits = append(l.RowBits, bits)
		l.RowScale = append(l.RowScale, rapid.Float64Range(0.1, 1).Draw(b.t, "row scale")/float64(int(1)<<bits))
		if l.RowZero != nil {
			l.RowZero = append(l.RowZero, int16(b.int("row zero", 0, 1<<min(bits, 8)-1)))
		}
		lo, hi := l.rowRange(len(l.RowBits) - 1)
		for _, x := range b.floats(k, 1) {
			w := int16(lo + int(float64(hi-lo+1)*0.49999*float64(x+1)))
			if bits == 1 && w == 0 && !l.Unsigned {
				w = 1
			}
			l.W = append(l.W, w)
		}
	}
	for range node.Shape.C {
		l.Gain = append(l.Gain, rapid.Float64Range(0.5, 2).Draw(b.t, "gain"))
		l.Bias = append(l.Bias, rapid.Float64Range(-1, 1).Draw(b.t, "bias"))
	}
	return l
}

// Every quantized network gives the same codes compiled as by definition, on
// every path that can hold its numbers, for any tile and number of workers.
func TestIntPlanMatchesReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuantized(t)
		b := &netBuilder{t: t, net: q.Net}
		x := Batch{N: b.int("images", 1, 4), Shape: q.Net.InputShape()}
		x.Data = b.floats(x.N*x.Size(), 1)
		opt := IntOptions{Workers: b.int("workers", 1, 3), Tile: b.int("tile", 1, 3)}
		wider := b.int("wider", 0, 4)
		if wider > 0 {
			g := q.graph()
			opt.path = func(n int) Path {
				l := &q.Layers[g.layer[n]]
				p := l.path(g.net.Nodes[n].Reduction(), g.net.Depthwise(n))
				if wider == 4 {
					if p == PathI8 && l.planes() <= 2 && !g.net.Depthwise(n) {
						return PathBits
					}
					return p
				}
				for range wider {
					if wide := p + 1; wide <= PathI32 && (wide != PathI16 || l.In.element() != elemI32) {
						p = wide
					}
				}
				return p
			}
		}
		watched := make([][]int32, x.N)
		if b.int("watch", 0, 1) == 1 {
			opt.Watch = []int{b.int("node", 0, len(q.Net.Nodes)-1)}
			opt.Observe = func(_, image int, codes []int32) { watched[image] = slices.Clone(codes) }
		}
		p, err := CompileInt(q, opt)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]int32, x.N*p.Classes)
		if err := p.Run(x, got); err != nil {
			t.Fatal(err)
		}
		for i := range x.N {
			want := forwardInt(q, x.Image(i))
			if !slices.Equal(got[i*p.Classes:(i+1)*p.Classes], want[q.Net.Output]) {
				t.Fatalf("image %d: %v, want %v", i, got[i*p.Classes:(i+1)*p.Classes], want[q.Net.Output])
			}
			if opt.Watch != nil {
				s := q.Net.Nodes[opt.Watch[0]].Shape
				chw := make([]int32, s.Size())
				toCHW(chw, watched[i], s)
				if !slices.Equal(chw, want[opt.Watch[0]]) {
					t.Fatalf("image %d, node %d: %v, want %v", i, opt.Watch[0], chw, want[opt.Watch[0]])
				}
			}
		}
	})
}

// Running allocates nothing, in float and in integers.
func TestRunAllocatesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector drops pooled memory")
	}
	same := Window{Kernel: [2]int{3, 3}, Pad: [4]int{1, 1, 1, 1}}
	net := &Network{Name: "small", Nodes: []Node{
		{Name: "x", Op: Input{Shape{C: 3, H: 8, W: 8}}},
		{Name: "a", Op: Conv{Channels: 8, Window: same}, Inputs: []int{0}, Weight: make([]float32, 8*27), Bias: make([]float32, 8)},
		{Name: "b", Op: Conv{Channels: 8, Groups: 8, Window: same}, Inputs: []int{1}, Weight: make([]float32, 72), Bias: make([]float32, 8)},
		{Name: "c", Op: Add{}, Inputs: []int{1, 2}},
		{Name: "d", Op: Scalar{Function: "hardswish"}, Inputs: []int{3}},
		{Name: "e", Op: MaxPool{Window{Kernel: [2]int{2, 2}, Stride: [2]int{2, 2}}}, Inputs: []int{4}},
		{Name: "f", Op: GlobalPool{}, Inputs: []int{5}},
		{Name: "g", Op: Dense{4}, Inputs: []int{6}, Weight: make([]float32, 32), Bias: make([]float32, 4)},
	}, Output: 7}
	if err := net.InferShapes(); err != nil {
		t.Fatal(err)
	}
	x := Batch{N: 5, Shape: net.InputShape(), Data: make([]float32, 5*192)}
	p, err := Compile(net, PlanOptions{Workers: 2, Tile: 2})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, x.N*p.Classes)
	if n := testing.AllocsPerRun(20, func() { _ = p.Run(x, y) }); n > 0 {
		t.Errorf("%v allocations in float", n)
	}
	for _, points := range [][]uint8{nil, {2, 0, 0, 0, 0, 0, 0, 6}} {
		q := &Quantized{Net: net}
		for i := range net.Nodes {
			q.Grids = append(q.Grids, Grid{Scale: 0.01 * float64(i+1), Bits: 16, Signed: true})
		}
		for _, n := range net.Layers() {
			node := &net.Nodes[n]
			l := QLayer{Node: n, In: Grid{Scale: 0.1, Bits: 4, Signed: true}, RowBits: make([]uint8, node.Shape.C), W: make([]int16, len(node.Weight))}
			l.RowScale, l.Gain, l.Bias = make([]float64, node.Shape.C), make([]float64, node.Shape.C), make([]float64, node.Shape.C)
			if node.Shape.C == 8 {
				l.Points = points
			}
			q.Layers = append(q.Layers, l)
		}
		p, err := CompileInt(q, IntOptions{Workers: 2, Tile: 2})
		if err != nil {
			t.Fatal(err)
		}
		y := make([]int32, x.N*p.Classes)
		if n := testing.AllocsPerRun(20, func() { _ = p.Run(x, y) }); n > 0 {
			t.Errorf("points %v: %v allocations in integers", points, n)
		}
	}
}
