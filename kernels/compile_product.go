package kernels

import "bitcycle/kernels/gemm"

// sumElements bounds the sums of a layer that are collected at a time.
const sumElements = 1 << 18

// product compiles a layer of the integer graph.
func (s *stepInt) product() op {
	c, n := s.c, s.index
	product, _ := c.net.Product(n)
	layer := &c.g.q.Layers[c.g.layer[n]]
	o := &productInt{
		layer: layer, k: product.K, rows: s.y.pixels(), out: s.to, y: s.y, lo: s.lo, hi: s.hi,
		first: layer.firstRows(), direct: layer.onePoint() && layer.shifts(product.K, s.to), buf: make([]int32, s.y.C),
	}
	p := productCompiler{compilerInt: c, Product: product, o: o, n: n, layer: layer, path: c.path(n, &product), w: s.w, x: s.x[0]}
	if want := p.path.reads(p.x.elem); want != p.x.elem {
		p.x, o.widen = converted(p.x, want, c.tile)
	}
	if p.Depthwise() {
		p.depthwise()
	} else {
		p.grouped()
	}
	if c.collect || !o.direct {
		o.sums = p.rowSums()
	}
	o.prepare()
	return o
}

// path returns the path of layer node n, once for all workers.
func (c *compilerInt) path(n int, product *Product) Path {
	if c.opt.path != nil {
		return c.opt.path(n)
	}
	p, ok := c.paths[n]
	if !ok {
		p = c.g.q.Layers[c.g.layer[n]].path(product.K, product.Depthwise())
		c.paths[n] = p
	}
	return p
}

// productCompiler holds what the groups of one layer are made from.
type productCompiler struct {
	*compilerInt
	Product
	o     *productInt
	n     int
	layer *QLayer
	path  Path
	x     tensor // in the type that the path reads
	w     *intWorker
}

// rowSums makes room for raw products.
func (p *productCompiler) rowSums() *rowSums {
	o, channels, rows := p.o, len(p.layer.Gain), p.layer.Rows()
	s := &rowSums{columns: max(rows, 1), column: make([]int, rows)}
	for r := range s.column {
		s.column[r] = r
	}
	if p.Depthwise() { // pass by pass, all channels of each
		s.columns = len(o.groups) * channels
		for m := range channels {
			for r := o.first[m]; r < o.first[m+1]; r++ {
				s.column[r] = (r-o.first[m])*channels + m
			}
		}
	}
	s.images = min(max(sumElements/(o.rows*s.columns), 1), p.tile)
	if p.path == PathI32 {
		s.i64 = make([]int64, s.images*o.rows*s.columns)
	} else {
		s.i32 = make([]int32, s.images*o.rows*s.columns)
	}
	for i := range o.groups {
		g := &o.groups[i]
		g.raw.LD = s.columns
		if s.i64 != nil {
			g.raw.I64 = s.i64[g.column:]
		} else {
			g.raw.I32 = s.i32[g.column:]
		}
	}
	return s
}

// grouped makes one product for each group of channels.
func (p *productCompiler) grouped() {
	groups := p.Groups
	per := len(p.layer.Gain) / groups
	packs := p.shared(p.n, func() any { return make([]any, groups) }).([]any)
	weights := inputOrder(p.layout, p.n, p.layer.W, p.layer.Rows())
	for g := range groups {
		from, to := p.o.first[g*per], p.o.first[(g+1)*per]
		if from == to {
			continue
		}
		src := p.source(g)
		if packs[g] == nil {
			packs[g] = p.pack(weights[from*p.o.k:to*p.o.k], to-from, g)
		}
		group := groupInt{channel: g * per, column: from, seek: src.seek}
		group.product = p.multiplier(packs[g], src)
		p.o.groups = append(p.o.groups, group)
	}
}

// pack lays out rows of weights for the path.
func (p *productCompiler) pack(w []int16, rows, g int) any {
	k := p.o.k
	patches := !p.Whole && !p.pointwise()
	shape := gemm.ConvShape{}
	if patches {
		shape = p.shape(g)
	}
	switch p.path {
	case PathBits:
		format := p.layer.format()
		codes := make([]int8, len(w))
		for i, v := range w {
			codes[i] = int8(v)
			if format.Binary {
				codes[i] = int8((v + 1) / 2)
			}
		}
		if patches {
			return gemm.PackConvBits(&shape, rows, codes, k, true, format)
		}
		return gemm.PackBits(k, rows, codes, k, true, format)
	case PathI8:
		codes := make([]int8, len(w))
		for i, v := range w {
			codes[i] = int8(v)
		}
		if patches {
			return gemm.PackConvI8(&shape, rows, codes, k, true)
		}
		return gemm.PackI8(k, rows, codes, k, true)
	case PathI16:
		return gemm.PackI16(k, rows, w, k, true)
	}
	wide := make([]int32, len(w))
	for i, v := range w {
		wide[i] = int32(v)
	}
	return gemm.PackI32(k, rows, wide, k, true)
}

// bitFormat returns how codes on the grid are written as bit planes.
func (g Grid) bitFormat() gemm.BitFormat {
	bits, signed := g.planes()
	return gemm.BitFormat{Bits: bits, Signed: signed}
}

// format returns how the layer's weights are written as bit planes.
func (l *QLayer) format() gemm.BitFormat {
	return gemm.BitFormat{Bits: l.planes(), Signed: !l.binary(), Binary: l.binary()}
}

// multiplier binds packed weights to a source.
func (p *productCompiler) multiplier(packed any, src *intSource) func(int, *gemm.Requant, *gemm.IntDst) {
	rows, scratch := p.o.rows, &p.w.scratch
	switch packed := packed.(type) {
	case *gemm.PackedBits:
		in := p.layer.In.bitFormat()
		return func(images int, q *gemm.Requant, dst *gemm.IntDst) {
			packed.Mul(images*rows, src.row8, in, q, dst, scratch)
		}
	case *gemm.PackedI8:
		return func(images int, q *gemm.Requant, dst *gemm.IntDst) {
			packed.Mul(images*rows, src.row8, q, dst, scratch)
		}
	case *gemm.PackedI16:
		return func(images int, q *gemm.Requant, dst *gemm.IntDst) {
			packed.Mul(images*rows, src.row16, q, dst, scratch)
		}
	case *gemm.PackedI32:
		return func(images int, q *gemm.Requant, dst *gemm.IntDst) {
			packed.Mul(images*rows, src.row32, q, dst, scratch)
		}
	}
	panic("kernels: unknown packed weights")
}

// intSource is what a product reads, in one of the types.
type intSource struct {
	row8  gemm.RowSource8
	row16 gemm.RowSource16
	row32 gemm.RowSourceInt
	seek  func(image int)
}

// source returns the rows that group g of the layer multiplies.
func (p *productCompiler) source(g int) *intSource {
	x := &p.x
	image := x.pixels() * x.ld
	switch {
	case p.Whole:
		return denseSource(x, 0, image, image)
	case p.pointwise():
		return denseSource(x, g*x.C/p.Groups, x.ld, image)
	}
	return convSource(x, p.shape(g), image)
}

// shape is the geometry of group g of a convolution.
func (p *productCompiler) shape(g int) gemm.ConvShape {
	return p.convShape(p.x.Shape, p.o.y.Shape, p.x.ld, p.tile, g)
}

func denseSource(x *tensor, off, ld, image int) *intSource {
	switch x.elem {
	case elemU8:
		d := &gemm.DenseU8{A: x.u8.data[off:], LDA: ld}
		return &intSource{row8: d, seek: func(i int) { d.A = x.u8.data[off+i*image:] }}
	case elemI8:
		d := &gemm.DenseI8{A: x.i8.data[off:], LDA: ld}
		return &intSource{row8: d, seek: func(i int) { d.A = x.i8.data[off+i*image:] }}
	case elemI16:
		d := &gemm.DenseI16{A: x.i16.data[off:], LDA: ld}
		return &intSource{row16: d, seek: func(i int) { d.A = x.i16.data[off+i*image:] }}
	}
	d := &gemm.DenseI32{A: x.i32.data[off:], LDA: ld}
	return &intSource{row32: d, seek: func(i int) { d.A = x.i32.data[off+i*image:] }}
}

func convSource(x *tensor, shape gemm.ConvShape, image int) *intSource {
	switch x.elem {
	case elemU8:
		d := &gemm.ConvU8{ConvShape: shape, X: x.u8.data}
		return &intSource{row8: d, seek: func(i int) { d.X = x.u8.data[i*image:] }}
	case elemI8:
		d := &gemm.ConvI8{ConvShape: shape, X: x.i8.data}
		return &intSource{row8: d, seek: func(i int) { d.X = x.i8.data[i*image:] }}
	case elemI16:
		d := &gemm.ConvI16{ConvShape: shape, X: x.i16.data}
		return &intSource{row16: d, seek: func(i int) { d.X = x.i16.data[i*image:] }}
	}
	d := &gemm.ConvI32{ConvShape: shape, X: x.i32.data}
	return &intSource{row32: d, seek: func(i int) { d.X = x.i32.data[i*image:] }}
}
