package gemm

import "math"

// EpilogueF32 is applied to every element x of column j of a finished product:
//
//	y = min(max(x·Scale[j] + Bias[j] + Residual[i·LDR+j], Lo), Hi)
//
// nil slices leave their term out, and the clamp is applied only if Clamp.
type EpilogueF32 struct {
	Scale, Bias []float32
	Residual    []float32
	LDR         int
	Clamp       bool
	Lo, Hi      float32
}

// floatSink applies an epilogue to finished rows where they lie.
type floatSink struct{ EpilogueF32 }

func (e *floatSink) finish(row, rows, col, n int, c []float32, ldc int) {
	scale, bias := part(e.Scale, col, n), part(e.Bias, col, n)
	lo, hi := float32(math.Inf(-1)), float32(math.Inf(1))
	if e.Clamp {
		lo, hi = e.Lo, e.Hi
	}
	residual := e.Residual
	if residual != nil {
		residual = residual[row*e.LDR+col:]
	}
	active.epilogue(rows, n, c, ldc, scale, bias, residual, e.LDR, lo, hi)
}

// part is s[at:at+n], or nil of nil.
func part[E any](s []E, at, n int) []E {
	if s == nil {
		return nil
	}
	return s[at : at+n]
}

// epilogue is the plain form of path.epilogue.
func epilogue(rows, n int, c []float32, ldc int, scale, bias, residual []float32, ldr int, lo, hi float32) {
	for r := range rows {
		row := c[r*ldc:][:n]
		for j, x := range row {
			if scale != nil {
				x *= scale[j]
			}
			if bias != nil {
				x += bias[j]
			}
			if residual != nil {
				x += residual[r*ldr+j]
			}
			row[j] = min(max(x, lo), hi)
		}
	}
}
