package lplr

// Apply returns L·(R·x) from the integer codes:
//
//	Σ_j (lo + c_j·step)·x_j = lo·Σx + step·Σ c_j·x_j
func (f *Factors) Apply(x []float64) []float64 { return f.L.apply(f.R.apply(x)) }

func (f *Factor) apply(x []float64) []float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	step := f.Step()
	y := make([]float64, f.Rows)
	for i := range y {
		dot := 0.0
		for j, c := range f.Codes[i*f.Cols : (i+1)*f.Cols] {
			dot += float64(c) * x[j]
		}
		y[i] = f.Lo*sum + step*dot
	}
	return y
}
