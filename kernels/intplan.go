package kernels

import (
	"fmt"

	"bitcycle/kernels/gemm"
)

// IntOptions tell how a quantized network is executed. The zero value is good.
type IntOptions struct {
	Workers int // goroutines, each with its own tile of images; 0 = GOMAXPROCS
	Tile    int // images that go through the network together; 0 = what fits the cache
	// Watch lists nodes of Quantized.Net whose codes Observe gets, NHWC on the
	// node's grid, for every image. Observe is called from several goroutines at
	// once; codes are only lent to it.
	Watch   []int
	Observe func(node, image int, codes []int32)

	path func(node int) Path // forces paths, for tests
}

// IntPlan is a quantized network compiled for execution in integers. Beyond
// putting the images on the input's grid, all arithmetic is exact integer
// arithmetic, so results do not depend on paths, tiles, workers or machine.
// Running it allocates nothing.
type IntPlan struct {
	Net     *Quantized
	Classes int // codes per image in the output
	Tile    int
	pool    pool
	workers []*intWorker
	batch   Batch
	logits  []int32
}

// intWorker is one goroutine's arenas and ops.
type intWorker struct {
	ops     []op
	output  tensor
	scratch gemm.Scratch
	batch   Batch
	image   int // of the batch, the first of the tile at work
}

// CompileInt prepares a quantized network for execution.
func CompileInt(q *Quantized, opt IntOptions) (*IntPlan, error) {
	c, err := newCompilerInt(q, opt)
	if err != nil {
		return nil, err
	}
	p := &IntPlan{Net: q, Classes: q.Net.Nodes[q.Net.Output].Shape.Size(), Tile: c.tile}
	for range workerCount(opt.Workers) {
		p.workers = append(p.workers, c.worker())
	}
	p.pool.init(len(p.workers), p.work)
	return p, nil
}

// Grid returns the grid of the output.
func (p *IntPlan) Grid() Grid { return p.Net.Grids[p.Net.Net.Output] }

// Run computes the codes of the output for every image of the batch, Classes
// each in channel, row, column order; a code's value is Grid().Scale times the
// code. Calls exclude one another.
func (p *IntPlan) Run(x Batch, logits []int32) error {
	net := p.Net.Net
	if x.Shape != net.InputShape() {
		return fmt.Errorf("images are %v, the network %q reads %v", x.Shape, net.Name, net.InputShape())
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
func (p *IntPlan) work(at, tile int) {
	w := p.workers[at]
	w.batch, w.image = p.batch, tile*p.Tile
	n := min(p.Tile, p.batch.N-w.image)
	for _, o := range w.ops {
		o.run(n)
	}
	for i := range n {
		w.output.flat(p.logits[(w.image+i)*p.Classes:(w.image+i+1)*p.Classes], i)
	}
}

// flat writes the codes of image i in channel, row, column order.
func (t *tensor) flat(dst []int32, i int) {
	n := t.pixels()
	for p := range n {
		for c := range t.C {
			dst[c*n+p] = t.at((i*n+p)*t.ld + c)
		}
	}
}

func (t *tensor) at(i int) int32 {
	switch t.elem {
	case elemU8:
		return int32(t.u8.data[i])
	case elemI8:
		return int32(t.i8.data[i])
	case elemI16:
		return int32(t.i16.data[i])
	}
	return t.i32.data[i]
}

// watchInt shows a node's codes to an observer.
type watchInt struct {
	node    int
	t       tensor
	buf     []int32
	w       *intWorker
	observe func(node, image int, codes []int32)
}

func (o *watchInt) run(images int) {
	n := o.t.pixels()
	for i := range images {
		for p := range n {
			o.t.load(o.buf[p*o.t.C:(p+1)*o.t.C], (i*n+p)*o.t.ld)
		}
		o.observe(o.node, o.w.image+i, o.buf)
	}
}
