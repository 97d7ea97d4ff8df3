package gemm

import "unsafe"

// panels is a right operand packed for one kernel: panel by panel, a panel all steps of k, padded with
// zeros. Elements of k come in runs; a step takes elements of one run.
type panels[A, B, C number] struct {
	kern      *kernel[A, B, C]
	k, run, n int
	b         []B
}

func newPanels[A, B, C number, S number](kn *kernel[A, B, C], k, run, n int, b []S, ldb int, transB bool) panels[A, B, C] {
	if run%kn.group == 0 { // runs leave no gaps
		run = k
	}
	p := panels[A, B, C]{kern: kn, k: k, run: run, n: n}
	p.b = aligned[B](p.steps(k) * kn.group * kn.cols.padded(n))
	for j := 0; j < n; j += kn.cols[0] {
		panel := p.b[j*p.steps(k)*kn.group:]
		for k0 := 0; k0 < k; k0 += run {
			cols, width := min(n-j, kn.cols[0]), kn.cols.padded(min(n-j, kn.cols[0]))
			packPanel(kn, panel[p.steps(k0)*width*kn.group:], width, k0, k0+run, j, j+cols, b, ldb, transB)
		}
	}
	return p
}

// steps is the number of steps before element k.
func (p *panels[A, B, C]) steps(k int) int {
	if p.run == 0 {
		return 0
	}
	return k/p.run*p.kern.steps(p.run) + p.kern.steps(k%p.run)
}

// packPanels packs the block [k0, k1) × [col0, col1) of B, or of its transpose.
func packPanels[A, B, C number, S number](kn *kernel[A, B, C], dst []B, k0, k1, col0, col1 int, b []S, ldb int, transB bool) {
	steps := kn.steps(k1 - k0)
	if same, ok := any(b).([]B); ok && kn.group == 1 && !transB {
		full := (col1 - col0) / kn.cols[0] * kn.cols[0]
		copyPanels(dst, kn.cols[0], steps, full, from(same, k0*ldb+col0), ldb)
		dst, col0 = dst[full*steps:], col0+full
	}
	for col := col0; col < col1; col += kn.cols[0] {
		cols := min(col1-col, kn.cols[0])
		width := kn.cols.padded(cols)
		packPanel(kn, dst, width, k0, k1, col, col+cols, b, ldb, transB)
		dst = dst[steps*width*kn.group:]
	}
}

// copyPanels packs n columns of whole panels, a row of B after the other: rows may be pages apart.
func copyPanels[B any](dst []B, width, steps, n int, b []B, ldb int) {
	for k := range steps {
		for j := 0; j < n; j += width {
			copy(dst[j*steps+k*width:][:width], b[k*ldb+j:][:width])
		}
	}
}

// packPanel packs one panel of the given width.
func packPanel[A, B, C, S number](kn *kernel[A, B, C], dst []B, width, k0, k1, col0, col1 int, b []S, ldb int, transB bool) {
	g, cols := kn.group, col1-col0
	panel := dst[:kn.steps(k1-k0)*width*g]
	if cols < width || (k1-k0)%g != 0 {
		clear(panel)
	}
	same, ok := any(b).([]B)
	switch ok = ok && g == 1; {
	case ok && transB:
		kn.transpose(panel, width, from(same, col0*ldb+k0), ldb, cols, k1-k0)
	case transB:
		for j := range cols {
			packColumn(panel[j*g:], g, width, b[(col0+j)*ldb+k0:(col0+j)*ldb+k1])
		}
	case ok:
		for k := k0; k < k1; k++ {
			copy(panel[(k-k0)*width:], same[k*ldb+col0:][:cols])
		}
	default:
		for k := k0; k < k1; k++ {
			to := panel[(k-k0)/g*width*g+(k-k0)%g:]
			for j, v := range b[k*ldb+col0:][:cols] {
				to[j*g] = B(v)
			}
		}
	}
}

// packColumn writes a column of a panel, g elements side by side.
func packColumn[B, S number](panel []B, g, width int, column []S) {
	for len(column) > 0 {
		n := min(g, len(column))
		for i, v := range column[:n] {
			panel[i] = B(v)
		}
		column, panel = column[n:], panel[min(width*g, len(panel)):]
	}
}

// mul multiplies the rows [row0, row1) of the operand that w began with. c begins at row row0; if it is
// nil, results pass through the buffer of w. last may be nil.
func (p *panels[A, B, C]) mul(w *work[A, B, C], row0, row1 int, c []C, ldc int, last sink[C]) {
	if p.n == 0 {
		return
	}
	most := p.together()
	for row := row0; row < row1; {
		end := w.a.span(row, row1)
		for row < end {
			r1 := row + even(end-row, most)
			to := c
			if c != nil {
				to = c[(row-row0)*ldc:]
			}
			p.mulRows(w, row, r1, to, ldc, last)
			row = r1
		}
	}
}

// together is the most rows to multiply before the sums are finished: as many as the first-level cache
// holds, or as many as make it worth to load a block of B.
func (p *panels[A, B, C]) together() int {
	if len(p.b) > blockSteps*p.kern.group*p.kern.blockColumns() {
		return p.kern.rows * blockRows
	}
	var sum C
	return max(1, blockSums/(p.n*int(unsafe.Sizeof(sum))*p.kern.rows)) * p.kern.rows
}

// mulRows multiplies rows that share each block of B.
func (p *panels[A, B, C]) mulRows(w *work[A, B, C], r0, r1 int, c []C, ldc int, last sink[C]) {
	kn := p.kern
	steps, nc := p.steps(p.k), kn.blockColumns()
	for j0 := 0; j0 < p.n; j0 += nc {
		n, to, ld := min(nc, p.n-j0), []C(nil), ldc
		if c != nil {
			to = c[j0:]
		} else {
			to, ld = grow(&w.rows, (r1-r0)*n), n
		}
		if p.k == 0 {
			wipe(r1-r0, n, to, ld)
		}
		for k0 := 0; k0 < p.k; {
			k1 := w.a.depth(k0, p.k)
			w.block(r0, r1, k0, k1, columns[B]{b: p.b[j0*steps*kn.group:], at: p.steps(k0), depth: steps}, n, to, ld, k0 > 0)
			k0 = k1
		}
		if last != nil {
			last.finish(r0, r1-r0, j0, n, to, ld)
		}
	}
}

// repeat sets all elements to v.
func repeat[C number](x []C, v C) {
	for ; len(x) >= 8; x = x[8:] {
		y := (*[8]C)(x)
		y[0], y[1], y[2], y[3], y[4], y[5], y[6], y[7] = v, v, v, v, v, v, v, v
	}
	for i := range x {
		x[i] = v
	}
}

// wipe clears a matrix.
func wipe[C number](m, n int, c []C, ldc int) {
	if n == ldc {
		clear(c[:m*n])
		return
	}
	for i := range m {
		clear(c[i*ldc : i*ldc+n])
	}
}
