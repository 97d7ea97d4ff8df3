package gemm

// panels is a right operand packed for one kernel: panel by panel, a panel all steps of k, padded with
// zeros.
type panels[A, B, C number] struct {
	kern *kernel[A, B, C]
	k, n int
	b    []B
}

func newPanels[A, B, C number, S number](kn *kernel[A, B, C], k, n int, b []S, ldb int, transB bool) panels[A, B, C] {
	p := panels[A, B, C]{kern: kn, k: k, n: n}
	p.b = aligned[B](kn.steps(k) * kn.group * kn.cols.padded(n))
	packPanels(kn, p.b, 0, k, 0, n, b, ldb, transB)
	return p
}

// packPanels packs the block [k0, k1) × [col0, col1) of B, or of its transpose.
func packPanels[A, B, C number, S number](kn *kernel[A, B, C], dst []B, k0, k1, col0, col1 int, b []S, ldb int, transB bool) {
	steps, g := kn.steps(k1-k0), kn.group
	for col := col0; col < col1; {
		width := kn.cols.padded(min(col1-col, kn.cols[0]))
		cols := min(width, col1-col)
		panel := dst[:steps*width*g]
		if cols < width || (k1-k0)%g != 0 {
			clear(panel)
		}
		switch same, ok := any(b).([]B); {
		case transB:
			packTransposed(panel, g, width, b[col*ldb:], ldb, cols, k0, k1)
		case ok && g == 1:
			for k := k0; k < k1; k++ {
				copy(panel[(k-k0)*width:], same[k*ldb+col:][:cols])
			}
		default:
			for k := k0; k < k1; k++ {
				to := panel[(k-k0)/g*width*g+(k-k0)%g:]
				for j, v := range b[k*ldb+col:][:cols] {
					to[j*g] = B(v)
				}
			}
		}
		dst, col = dst[len(panel):], col+cols
	}
}

// packTransposed packs a panel of cols columns from as many rows of b.
func packTransposed[B, S number](panel []B, g, width int, b []S, ldb, cols, k0, k1 int) {
	for j := range cols {
		at := j * g
		for k, v := range b[j*ldb+k0 : j*ldb+k1] {
			panel[at+k/g*width*g+k%g] = B(v)
		}
	}
}

// mul multiplies the rows [row0, row1) of the operand that w began with. c begins at row row0; if it is
// nil, results pass through the buffer of w. last may be nil.
func (p *panels[A, B, C]) mul(w *work[A, B, C], row0, row1 int, c []C, ldc int, last sink[C]) {
	group := p.kern.rows
	if len(p.b) > blockSteps*p.kern.group*p.kern.blockColumns() {
		group *= blockRows
	}
	for row := row0; row < row1; {
		end := w.a.span(row, row1)
		for row < end {
			r1 := min(row+group, end)
			if group == p.kern.rows {
				r1 = row + w.a.strip(row, end, group)
			}
			to := c
			if c != nil {
				to = c[(row-row0)*ldc:]
			}
			p.mulRows(w, row, r1, to, ldc, last)
			row = r1
		}
	}
}

// mulRows multiplies rows that share each block of B.
func (p *panels[A, B, C]) mulRows(w *work[A, B, C], r0, r1 int, c []C, ldc int, last sink[C]) {
	kn := p.kern
	steps, nc := kn.steps(p.k), kn.blockColumns()
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
			w.block(r0, r1, k0, k1, columns[B]{b: p.b[j0*steps*kn.group:], at: k0 / kn.group, depth: steps}, n, to, ld, k0 > 0)
			k0 = k1
		}
		if last != nil {
			last.finish(r0, r1-r0, j0, n, to, ld)
		}
	}
}

func wipe[C number](m, n int, c []C, ldc int) {
	for i := range m {
		clear(c[i*ldc : i*ldc+n])
	}
}
