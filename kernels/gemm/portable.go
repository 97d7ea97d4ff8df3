package gemm

// portable is the kernel in plain Go.
func portable[A, B, C number]() *kernel[A, B, C] {
	return &kernel[A, B, C]{
		rows: 2, group: 1, cols: widths{4, 2}, tile: [2]tileFunc[A, B, C]{tile2x4[A, B, C], tile2x2[A, B, C]},
		transpose: transpose[B],
	}
}

func tile2x4[A, B, C number](rows, _, panels int, a []A, l left, b []B, r right, c []C, ldc int, acc bool) {
	for row := 0; row < rows; row += 2 {
		last := min(row+1, rows-1) // an odd row is computed twice
		for p := range panels {
			var s00, s01, s02, s03, s10, s11, s12, s13 C
			for g := range l.segments {
				i0, i1, ib := row*l.rs+g*l.ss, last*l.rs+g*l.ss, p*r.panel+g*r.ss
				for range l.steps {
					x := b[ib:][:4]
					a0, a1 := C(a[i0]), C(a[i1])
					b0, b1, b2, b3 := C(x[0]), C(x[1]), C(x[2]), C(x[3])
					s00, s01, s02, s03 = s00+a0*b0, s01+a0*b1, s02+a0*b2, s03+a0*b3
					s10, s11, s12, s13 = s10+a1*b0, s11+a1*b1, s12+a1*b2, s13+a1*b3
					i0, i1, ib = i0+l.cs, i1+l.cs, ib+r.cs
				}
			}
			settle(c[row*ldc+p*4:], acc, s00, s01, s02, s03)
			if last > row {
				settle(c[last*ldc+p*4:], acc, s10, s11, s12, s13)
			}
		}
	}
}

func settle[C number](c []C, acc bool, s0, s1, s2, s3 C) {
	c = c[:4]
	if acc {
		s0, s1, s2, s3 = c[0]+s0, c[1]+s1, c[2]+s2, c[3]+s3
	}
	c[0], c[1], c[2], c[3] = s0, s1, s2, s3
}

func tile2x2[A, B, C number](rows, _, panels int, a []A, l left, b []B, r right, c []C, ldc int, acc bool) {
	for p := range panels {
		for row := range rows {
			var s0, s1 C
			for g := range l.segments {
				ia, ib := row*l.rs+g*l.ss, p*r.panel+g*r.ss
				for range l.steps {
					x := C(a[ia])
					s0, s1 = s0+x*C(b[ib]), s1+x*C(b[ib+1])
					ia, ib = ia+l.cs, ib+r.cs
				}
			}
			out := c[row*ldc+p*2:][:2]
			if acc {
				s0, s1 = out[0]+s0, out[1]+s1
			}
			out[0], out[1] = s0, s1
		}
	}
}

func transpose[E any](dst []E, ldd int, src []E, lds, rows, cols int) {
	for r := range rows {
		for c, v := range src[r*lds:][:cols] {
			dst[c*ldd+r] = v
		}
	}
}
