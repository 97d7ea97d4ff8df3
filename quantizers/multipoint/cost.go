package multipoint

// Cost counts what a layer of multipoint channels stores and computes.
type Cost struct {
	WeightBits int64   // b·d·Σn
	ScaleBits  int64   // scale bits · Σn
	Overhead   float64 // Σn/C − 1: share of extra low-bit vectors
	MACs       int64   // d·Σn low-bit products per output position
	MulAdds    int64   // Σn scaled sums per output position
}

// CostOf returns the cost of channels with the given numbers of points, d
// weights each at b bits, and one scale of scaleBits a point.
func CostOf(points []int, d, b, scaleBits int) Cost {
	total := 0
	for _, n := range points {
		total += n
	}
	return Cost{
		WeightBits: int64(b) * int64(d) * int64(total),
		ScaleBits:  int64(scaleBits) * int64(total),
		Overhead:   float64(total)/float64(len(points)) - 1,
		MACs:       int64(d) * int64(total),
		MulAdds:    int64(total),
	}
}

// IntDot returns the integer dot products of each point's codes with the
// activation codes xq, and y = Σ a_i·(s_x/T)·acc_i.
func IntDot(points []Point, xq []int, sx float64, b int) (acc []int, y float64) {
	acc = make([]int, len(points))
	for i, p := range points {
		for j, c := range p.Codes {
			acc[i] += int(c) * xq[j]
		}
		y += p.A / float64(Top(b)) * sx * float64(acc[i])
	}
	return acc, y
}

// QuantizeAct maps an activation to the unsigned code clamp(⌊x/limit·(2^bits−1) + 1/2⌋)
// and returns the code and the value it stands for.
func QuantizeAct(x, limit float64, bits int) (code int, value float64) {
	top := float64(int(1)<<bits - 1)
	scaled := x/limit*top + 0.5
	code = int(min(max(scaled, 0), top))
	return code, float64(code) / top * limit
}
