package gemm

// Op says how Complex128 reads an operand.
type Op uint8

const (
	NoTrans   Op = iota // as it is
	Trans               // transposed
	ConjTrans           // conjugated and transposed
)

// Complex128 is Float64 for complex matrices, with conjugation. It is one real product of twice the
// rows and depth,
//
//	| Re C |   | Re A  −Im A |   | Re B |
//	| Im C | = | Im A   Re A | · | Im B |
//
// with rounding errors like those of the usual formula.
func Complex128(opA, opB Op, m, n, k int, a []complex128, lda int, b []complex128, ldb int, acc bool, c []complex128, ldc int) {
	s := scratches.Get().(*Scratch)
	x := &s.cplx
	x.left(opA, m, k, a, lda)
	x.right(opB, k, n, b, ldb)
	sum := grow(&x.c, 2*m*n)
	s.f64.dense = Dense[float64]{x.a, 2 * k}
	s.f64.product(active.f64, &s.f64.dense, false, false, 2*m, n, 2*k, x.b, n, false, sum, n)
	for i := range m {
		out := c[i*ldc:][:n]
		for j := range out {
			v := complex(sum[i*n+j], sum[(m+i)*n+j])
			if acc {
				v += out[j]
			}
			out[j] = v
		}
	}
	scratches.Put(s)
}

// parts is complex operands as real ones.
type parts struct{ a, b, c []float64 }

func (x *parts) left(op Op, m, k int, a []complex128, lda int) {
	out := grow(&x.a, 4*m*k)
	for i := range m {
		re, im := out[i*2*k:][:2*k], out[(m+i)*2*k:][:2*k]
		for p := range k {
			v := element(op, a, lda, i, p)
			re[p], re[k+p] = real(v), -imag(v)
			im[p], im[k+p] = imag(v), real(v)
		}
	}
}

func (x *parts) right(op Op, k, n int, b []complex128, ldb int) {
	out := grow(&x.b, 2*k*n)
	for p := range k {
		re, im := out[p*n:][:n], out[(k+p)*n:][:n]
		for j := range n {
			v := element(op, b, ldb, p, j)
			re[j], im[j] = real(v), imag(v)
		}
	}
}

// element is element (i, j) of op(A).
func element(op Op, a []complex128, lda, i, j int) complex128 {
	switch op {
	case Trans:
		return a[j*lda+i]
	case ConjTrans:
		v := a[j*lda+i]
		return complex(real(v), -imag(v))
	}
	return a[i*lda+j]
}
