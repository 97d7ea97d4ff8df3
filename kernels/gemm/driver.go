package gemm

import "unsafe"

// The blocking of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS
// 2008), with the roles of the caches fitted to row sources: a strip of A, at most kernel.rows rows of
// one block of k, lies in the first-level cache and meets every panel of B, which stream from the second
// level.
const (
	blockSteps = 256     // steps of a block of k, the depth of a strip
	blockBytes = 1 << 20 // of B, or of image lines, that should stay in the second-level cache
	blockRows  = 16      // blocks of rows that share a block of B when all of B is larger than that
	blockSums  = 1 << 15 // bytes of C between product and epilogue
)

// left says where a tile finds A: step s of segment g of row r lies at element r·rs + g·ss + s·cs. The
// assembly depends on the order of the fields.
type left = struct {
	segments, steps int
	rs, cs, ss      int
}

// operand brings the strips of one source into a kernel's reach.
type operand[A number] interface {
	// span prepares rows from row on and returns the end of those prepared, at most end.
	span(row, end int) int
	// strip returns how many rows may be viewed together from row on.
	strip(row, end int) int
	// depth returns the end of the block of k that begins at k0.
	depth(k0, k int) int
	// view returns A for the rows [row, row+rows) and the block [k0, k1).
	view(row, rows, k0, k1 int) ([]A, left)
}

// work is one product on one goroutine, and the buffers that the next one finds again.
type work[A, B, C number] struct {
	kern *kernel[A, B, C]
	a    operand[A]

	copied  copied[A]
	windows windows[A]
	dense   Dense[A]

	edge  []C // a tile wider than C
	panel []B // a block of B that was not packed beforehand
	rows  []C // finished rows on their way to another type
}

// sink takes finished elements: the rows [row, row+rows) × columns [col, col+n), row r at c[r·ldc:].
type sink[C number] interface {
	finish(row, rows, col, n int, c []C, ldc int)
}

// begin chooses how to read the source against B in runs. transposed exchanges its rows and columns.
func (w *work[A, B, C]) begin(kn *kernel[A, B, C], src RowSource[A], run int, transposed bool) {
	w.kern = kn
	if !transposed && w.windows.begin(src, kn.group, run) {
		w.a = &w.windows
		return
	}
	w.copied.begin(src, kn.group, max(1, run), kn.rows, transposed)
	w.a = &w.copied
}

// blockColumns is how many columns of B make a block.
func (kn *kernel[A, B, C]) blockColumns() int {
	var b B
	return blockBytes / (blockSteps * kn.group * int(unsafe.Sizeof(b))) &^ (kn.cols[0] - 1)
}

func (kn *kernel[A, B, C]) steps(k int) int { return (k + kn.group - 1) / kn.group }

// right says where a tile finds B: step s of segment g of panel p lies at element p·panel + g·ss + s·cs.
// The assembly depends on the order of the fields.
type right = struct {
	panel, cs, ss int
}

// columns is a block of B: either packed panels of depth steps, to be used from step at on, or, if depth
// is zero, numbers that lie as pitch says.
type columns[B number] struct {
	b         []B
	at, depth int
	pitch     right
}

// panel returns the panel of the given width that begins at column j.
func (c *columns[B]) panel(j, width, group, steps int) ([]B, right) {
	if c.depth == 0 {
		return c.b[j:], right{width, c.pitch.cs, c.pitch.ss}
	}
	step := width * group
	return c.b[j*c.depth*group+c.at*step:], right{c.depth * step, step, steps * step}
}

// block multiplies rows [r0, r1), k [k0, k1) of A by n columns of B. c begins at row r0.
func (w *work[A, B, C]) block(r0, r1, k0, k1 int, b columns[B], n int, c []C, ldc int, acc bool) {
	for row := r0; row < r1; {
		rows := w.a.strip(row, r1)
		a, l := w.a.view(row, rows, k0, k1)
		w.sweep(rows, a, l, b, n, c[(row-r0)*ldc:], ldc, acc)
		row += rows
	}
}

// sweep multiplies one strip by all panels. The last panel may be wider than what is left of C: it is
// computed aside.
func (w *work[A, B, C]) sweep(rows int, a []A, l left, cols columns[B], n int, c []C, ldc int, acc bool) {
	kn := w.kern
	wide, block := kn.cols[0], even(rows, kn.rows)
	panels := n / wide
	if panels > 0 {
		b, r := cols.panel(0, wide, kn.group, l.steps)
		kn.tile[0](rows, block, panels, a, l, b, r, c, ldc, acc)
	}
	done := panels * wide
	rest := n - done
	if rest == 0 {
		return
	}
	last := kn.cols.fit(rest)
	width := kn.cols[last]
	c = c[done:]
	b, r := cols.panel(done, width, kn.group, l.steps)
	if rest == width {
		kn.tile[last](rows, block, 1, a, l, b, r, c, ldc, acc)
		return
	}
	edge := grow(&w.edge, rows*width)
	kn.tile[last](rows, block, 1, a, l, b, r, edge, width, false)
	for r := range rows {
		from, to := edge[r*width:][:rest], c[r*ldc:][:rest]
		if !acc {
			copy(to, from)
			continue
		}
		for j, v := range from {
			to[j] += v
		}
	}
}
