package gemm

// panels is a right operand packed for one kernel: blocks of blockSteps steps of k, a block all columns
// of B panel by panel, padded with zeros.
type panels[A, B, C number] struct {
	kern *kernel[A, B, C]
	k, n int
	b    []B
}

func newPanels[A, B, C number, S number](kn *kernel[A, B, C], k, n int, b []S, ldb int, transB bool) panels[A, B, C] {
	p := panels[A, B, C]{kern: kn, k: k, n: n}
	p.b = aligned[B](kn.steps(k) * kn.group * kn.padded(n))
	for k0 := 0; k0 < k; k0 += blockSteps * kn.group {
		packPanels(kn, p.b[k0*kn.padded(n):], k0, min(k0+blockSteps*kn.group, k), 0, n, b, ldb, transB)
	}
	return p
}

// packPanels packs the block [k0, k1) × [col0, col1) of B, or of its transpose.
func packPanels[A, B, C number, S number](kn *kernel[A, B, C], dst []B, k0, k1, col0, col1 int, b []S, ldb int, transB bool) {
	steps, g := kn.steps(k1-k0), kn.group
	for col := col0; col < col1; {
		width := kn.padded(min(col1-col, kn.cols[0]))
		cols := min(width, col1-col)
		panel := dst[:steps*width*g]
		if cols < width || (k1-k0)%g != 0 {
			clear(panel)
		}
		for k := k0; k < k1; k++ {
			to := panel[(k-k0)/g*width*g+(k-k0)%g:]
			if transB {
				for j := range cols {
					to[j*g] = B(b[(col+j)*ldb+k])
				}
				continue
			}
			for j, v := range b[k*ldb+col:][:cols] {
				to[j*g] = B(v)
			}
		}
		dst, col = dst[len(panel):], col+cols
	}
}

// mul multiplies the rows [row0, row1) of the source that w began with. c begins at row row0; if it is
// nil, results pass through the buffer of w. last may be nil.
func (p *panels[A, B, C]) mul(w *work[A, B, C], row0, row1 int, c []C, ldc int, last sink[C]) {
	kn := p.kern
	padded, nc, kc := kn.padded(p.n), kn.columns(), blockSteps*kn.group
	group := 1
	if len(p.b) > kc*nc {
		group = blockRows
	}
	strips := (row1 - row0 + kn.rows - 1) / kn.rows
	for s := 0; s < strips; s += group {
		r0, r1 := row0+(row1-row0)*s/strips, row0+(row1-row0)*min(s+group, strips)/strips
		for j0 := 0; j0 < p.n; j0 += nc {
			n, to, ld := min(nc, p.n-j0), []C(nil), ldc
			if c != nil {
				to = c[(r0-row0)*ldc+j0:]
			} else {
				to, ld = grow(&w.rows, (r1-r0)*n), n
			}
			for k0 := 0; k0 < p.k; k0 += kc {
				k1 := min(k0+kc, p.k)
				at := k0*padded + j0*kn.steps(k1-k0)*kn.group
				w.block(r0, r1, k0, k1, p.b[at:], n, to, ld, k0 > 0)
			}
			if p.k == 0 {
				wipe(r1-r0, n, to, ld)
			}
			if last != nil {
				last.finish(r0, r1-r0, j0, n, to, ld)
			}
		}
	}
}

func wipe[C number](m, n int, c []C, ldc int) {
	for i := range m {
		clear(c[i*ldc : i*ldc+n])
	}
}
