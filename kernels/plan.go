package kernels

import (
	"errors"
	"fmt"

	"bitcycle/internal/files"
	"bitcycle/kernels/gemm"
)

// PlanOptions tell how a network is executed. The zero value is good.
type PlanOptions struct {
	Workers int // goroutines, each with its own tile of images; 0 = GOMAXPROCS
	Tile    int // images that go through the network together; 0 = what fits the cache
	// Watch lists nodes whose values Observe gets, NHWC, for every image. Observe
	// is called from several goroutines at once; values is only lent to it.
	Watch   []int
	Observe func(node, image int, values []float32)
}

// Plan is a float network compiled for execution: weights packed, operators
// fused, memory laid out once. Running it allocates nothing.
type Plan struct {
	Net     *Network
	Classes int // values per image in the output
	Tile    int
	pool    pool
	workers []*workerF32
	batch   Batch
	logits  []float32
}

// workerF32 is one goroutine's arena and ops.
type workerF32 struct {
	input, output view[float32]
	ops           []op
	scratch       gemm.Scratch
	image         int // of the batch, the first of the tile at work
}

// cacheBytes is how large a tile's arena may be.
const cacheBytes = 1 << 20

// Compile prepares a network for execution.
func Compile(net *Network, opt PlanOptions) (*Plan, error) {
	if err := net.InferShapes(); err != nil {
		return nil, err
	}
	if err := net.complete(); err != nil {
		return nil, err
	}
	keep := make([]bool, len(net.Nodes))
	for _, n := range opt.Watch {
		if n < 0 || n >= len(keep) {
			return nil, fmt.Errorf("node %d of %d cannot be watched", n, len(keep))
		}
		keep[n] = true
	}
	l := newLayout(net, rules{fuse: net.fuse, keep: keep})
	offsets, total := arena(l.sizes, l.spans)
	p := &Plan{Net: net, Classes: net.Nodes[net.Output].Shape.Size(), Tile: opt.Tile}
	if p.Tile <= 0 {
		p.Tile = min(max(cacheBytes/(4*total), 1), 16)
	}
	c := &compilerF32{layout: l, opt: opt, offsets: offsets, total: total, tile: p.Tile, packed: make([][]*gemm.PackedF32, len(net.Nodes))}
	workers := workerCount(opt.Workers)
	if err := fits(net, 4*float64(total), p.Tile, workers); err != nil {
		return nil, err
	}
	for range workers {
		p.workers = append(p.workers, c.worker())
	}
	p.pool.init(len(p.workers), p.work)
	return p, nil
}

// fits reports a network whose values between layers take more memory than there is.
func fits(net *Network, bytes float64, tile, workers int) error {
	return files.Fits(fmt.Sprintf("network %q executed by %d workers", net.Name, workers), bytes*float64(tile)*float64(workers))
}

// fuse tells whether next, the only reader of node, is computed in its step.
func (n *Network) fuse(node, next int) bool { return n.Nodes[node].Op.fuses(n.Nodes[next].Op, false) }

// Run computes the output of every image of the batch: Classes values each, in
// logits. Calls exclude one another.
func (p *Plan) Run(x Batch, logits []float32) error {
	if x.Shape != p.Net.InputShape() {
		return fmt.Errorf("images are %v, the network %q reads %v", x.Shape, p.Net.Name, p.Net.InputShape())
	}
	if len(logits) != x.N*p.Classes {
		return fmt.Errorf("%d logits for %d images of %d classes", len(logits), x.N, p.Classes)
	}
	p.pool.Lock()
	defer p.pool.Unlock()
	p.batch, p.logits = x, logits
	p.pool.run((x.N + p.Tile - 1) / p.Tile)
	p.batch, p.logits = Batch{}, nil
	return nil
}

// work runs one tile of images on a worker.
func (p *Plan) work(at, tile int) {
	w := p.workers[at]
	w.image = tile * p.Tile
	n := min(p.Tile, p.batch.N-w.image)
	size := p.batch.Size()
	copy(w.input.data, p.batch.Data[w.image*size:(w.image+n)*size])
	for _, o := range w.ops {
		o.run(n)
	}
	for i := range n {
		w.output.flat(p.logits[(w.image+i)*p.Classes:(w.image+i+1)*p.Classes], i)
	}
}

// Apply computes an operator without weights on one image, or on constants.
// Values are in channel, depth, row, column order.
func Apply(o Operator, in []Shape, x [][]float32) ([]float32, error) {
	shape, err := (&Node{Op: o}).Infer(in)
	if err == nil && HasWeights(o) {
		err = errors.New("has weights")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name(), err)
	}
	s := stepF32{y: view[float32]{make([]float32, shape.Size()), shape.C, shape}, limits: unlimited}
	if l, ok := o.Clamp(); ok {
		s.limits = l
	}
	for k, from := range in {
		data := make([]float32, from.Size())
		fromCHW(data, x[k], from)
		s.x = append(s.x, view[float32]{data, from.C, from})
	}
	if run := o.float(&s); run != nil {
		run.run(1)
	}
	out := make([]float32, shape.Size())
	s.y.flat(out, 0)
	return out, nil
}

// Argmax returns the index of the largest value, the first of equals.
func Argmax[T float32 | int32](x []T) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}
