package gemm

import "unsafe"

// The blocking of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS
// 2008), with the roles of the caches fitted to row sources: a strip of A, at most kernel.rows rows of
// one block of k, is copied to the first-level cache and meets every panel of B, which stream from the
// second level.
const (
	blockSteps = 256     // steps of a block of k, the depth of a strip and of a panel
	blockBytes = 1 << 20 // of B that should stay in the second-level cache
	blockRows  = 16      // strips that share a block of B when all of B is larger than that
)

// work is one product on one goroutine, and the buffers that the next one finds again.
type work[A, B, C number] struct {
	kern       *kernel[A, B, C]
	src        RowSource[A]
	transposed bool // rows and columns of the source change places
	dense      Dense[A]

	strip []A // the strip of A in use
	edge  []C // a tile wider than C
	panel []B // a block of B that was not packed beforehand
	rows  []C // finished rows on their way to another type
}

// sink takes finished elements: the rows [row, row+rows) × columns [col, col+n), row r at c[r·ldc:].
type sink[C number] interface {
	finish(row, rows, col, n int, c []C, ldc int)
}

// columns is how many columns of B make a block.
func (kn *kernel[A, B, C]) columns() int {
	var b B
	return blockBytes / (blockSteps * kn.group * int(unsafe.Sizeof(b))) &^ (kn.cols[0] - 1)
}

// padded is the number of columns that n columns of B take in panels.
func (kn *kernel[A, B, C]) padded(n int) int {
	wide, narrow := kn.cols[0], kn.cols[1]
	full := n / wide * wide
	switch rest := n - full; {
	case rest == 0:
		return full
	case rest <= narrow:
		return full + narrow
	}
	return full + wide
}

func (kn *kernel[A, B, C]) steps(k int) int { return (k + kn.group - 1) / kn.group }

// begin sets the operands and makes room.
func (w *work[A, B, C]) begin(kn *kernel[A, B, C], src RowSource[A], transposed bool) {
	w.kern, w.src, w.transposed = kn, src, transposed
	grow(&w.strip, kn.rows*blockSteps*kn.group)
	grow(&w.edge, kn.rows*kn.cols[0])
}

// block multiplies rows [r0, r1), k [k0, k1) of the source by the n columns of packed b.
// c begins at row r0.
func (w *work[A, B, C]) block(r0, r1, k0, k1 int, b []B, n int, c []C, ldc int, acc bool) {
	strips := (r1 - r0 + w.kern.rows - 1) / w.kern.rows
	for s := range strips {
		lo, hi := r0+(r1-r0)*s/strips, r0+(r1-r0)*(s+1)/strips
		a, rs, cs := w.left(lo, hi-lo, k0, k1)
		w.sweep(hi-lo, w.kern.steps(k1-k0), a, rs, cs, b, n, c[(lo-r0)*ldc:], ldc, acc)
	}
}

// left returns a strip of A and its strides.
func (w *work[A, B, C]) left(row, rows, k0, k1 int) (a []A, rs, cs int) {
	if w.transposed {
		w.src.PackRows(w.strip, rows, k0, k1-k0, row, rows)
		return w.strip, 1, rows
	}
	g := w.kern.group
	ld := w.kern.steps(k1-k0) * g
	w.src.PackRows(w.strip, ld, row, rows, k0, k1-k0)
	return w.strip, ld, g
}

// sweep multiplies one strip by all panels. The last panel may be wider than what is left of C: it is
// computed aside.
func (w *work[A, B, C]) sweep(rows, steps int, a []A, rs, cs int, b []B, n int, c []C, ldc int, acc bool) {
	kn := w.kern
	wide := kn.cols[0]
	panels := n / wide
	if panels > 0 {
		kn.tile[0](rows, steps, panels, a, rs, cs, b, c, ldc, acc)
	}
	done := panels * wide
	rest := n - done
	if rest == 0 {
		return
	}
	last := 0
	if rest <= kn.cols[1] {
		last = 1
	}
	b, c = b[done*steps*kn.group:], c[done:]
	if rest == kn.cols[last] {
		kn.tile[last](rows, steps, 1, a, rs, cs, b, c, ldc, acc)
		return
	}
	kn.tile[last](rows, steps, 1, a, rs, cs, b, w.edge, kn.cols[last], false)
	for r := range rows {
		from, to := w.edge[r*kn.cols[last]:][:rest], c[r*ldc:][:rest]
		if !acc {
			copy(to, from)
			continue
		}
		for j, v := range from {
			to[j] += v
		}
	}
}
