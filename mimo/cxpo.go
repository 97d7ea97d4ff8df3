package mimo

import "math"

// CxPO is the biconvex one-bit precoder C2PO and, with Exact set, C1PO of
// O. Castañeda, S. Jacobsson, G. Durisi, M. Coldrey, T. Goldstein, C. Studer,
// "1-bit Massive MU-MIMO Precoding in VLSI", IEEE J. Emerg. Sel. Topics Circuits
// Syst. 7(4), 2017. From x = Hᴴs it repeats
//
//	C2PO  x ← clip(ρ·(I − τ·A)·x)          C1PO  x ← clip(ρ·(I + A/γ)⁻¹·x)
//
// with A = Hᴴ(I − s·sᴴ/‖s‖²)H and parts clipped to ±1, and takes the signs.
type CxPO struct {
	Exact  bool
	Passes int     // 0 means 24
	Tau    float64 // of C2PO; 0 means 1/N for N ≥ 128, 2⁻⁷ for N ≥ 64, 2⁻⁶ below
	Rho    float64 // 0 means 1.25
	Gamma  float64 // of C1PO; 0 means 2

	power float64
	ch    *Channel
	gram  Matrix // K×K, H·Hᴴ of C1PO
	z, hz Matrix // K×T, N×T
	// factors are the Cholesky factors of I + P·H·Hᴴ·P/γ, one for each symbol vector,
	// P the projection away from it.
	factors      []Matrix
	column, half Matrix // K×K
}

func (c *CxPO) withDefaults(n int) (passes int, tau, rho, gamma float64) {
	passes, tau, rho, gamma = c.Passes, c.Tau, c.Rho, c.Gamma
	if passes == 0 {
		passes = 24
	}
	switch {
	case tau != 0:
	case n >= 128:
		tau = 1 / float64(n)
	case n >= 64:
		tau = math.Exp2(-7)
	default:
		tau = math.Exp2(-6)
	}
	if rho == 0 {
		rho = 1.25
	}
	if gamma == 0 {
		gamma = 2
	}
	return passes, tau, rho, gamma
}

// Prepare computes H·Hᴴ for C1PO.
func (c *CxPO) Prepare(ch *Channel, p Params) error {
	c.ch, c.power = ch, p.Power
	if c.Exact {
		gram(&c.gram, ch.H, ch.HH)
	}
	return nil
}

// Precode takes the signs of the relaxed solution.
func (c *CxPO) Precode(tx *Transmit, s *Matrix) {
	c.relaxed(&tx.X, s)
	tx.signs(c.power)
}

// Solve computes x ∈ {±1±j}ᴺ for every column of s and the factors by which receivers
// of (2N)^−½·H·x would scale, β = ‖s‖²/(sᴴ·H·x).
func (c *CxPO) Solve(x, s *Matrix) (beta []complex128) {
	c.relaxed(x, s)
	x.csgn()
	Mul(&c.z, c.ch.H, x)
	unit := complex(oneBitScale(1, x.Rows), 0)
	for t := range s.Cols {
		var cross, energy complex128
		for i := range s.Rows {
			v := s.At(i, t)
			cross += conj(v) * c.z.At(i, t) * unit
			energy += v * conj(v)
		}
		beta = append(beta, energy/cross)
	}
	return beta
}

// relaxed leaves the solution in the box in x.
func (c *CxPO) relaxed(x, s *Matrix) {
	passes, tau, rho, gamma := c.withDefaults(c.ch.H.Cols)
	if c.Exact {
		c.factor(s, gamma)
		tau = 1 / gamma
	}
	Mul(x, c.ch.HH, s)
	for range passes {
		Mul(&c.z, c.ch.H, x)
		for t := range s.Cols {
			c.project(&c.z, s, t)
			if c.Exact {
				solveCholesky(&c.factors[t], &c.z, t)
				c.project(&c.z, s, t)
			}
		}
		Mul(&c.hz, c.ch.HH, &c.z)
		descend(x.Re, c.hz.Re, rho, tau)
		descend(x.Im, c.hz.Im, rho, tau)
	}
}

// descend computes x ← clip(ρ(x − τ·g)) to ±1.
func descend(x, g []float64, rho, tau float64) {
	for i, v := range x {
		x[i] = max(-1, min(1, rho*(v-tau*g[i])))
	}
}

// project removes the component along s from column t of z.
func (c *CxPO) project(z, s *Matrix, t int) {
	var re, im, energy float64
	for i := range s.Rows {
		a, b := z.Re[i*z.Stride+t], z.Im[i*z.Stride+t]
		p, q := s.Re[i*s.Stride+t], s.Im[i*s.Stride+t]
		re += p*a + q*b
		im += p*b - q*a
		energy += p*p + q*q
	}
	re, im = re/energy, im/energy
	for i := range s.Rows {
		p, q := s.Re[i*s.Stride+t], s.Im[i*s.Stride+t]
		z.Re[i*z.Stride+t] -= re*p - im*q
		z.Im[i*z.Stride+t] -= re*q + im*p
	}
}

// factor prepares (I + A/γ)⁻¹ = I − Hᴴ·P·(I + P·H·Hᴴ·P/γ)⁻¹·P·H/γ for every symbol vector.
func (c *CxPO) factor(s *Matrix, gamma float64) {
	k := s.Rows
	for len(c.factors) < s.Cols {
		c.factors = append(c.factors, Matrix{})
	}
	c.column.fit(k, k)
	for t := range s.Cols {
		f := &c.factors[t]
		f.copyFrom(&c.gram)
		// Every column of f shall be projected along s_t, from the left and, by
		// conjugate symmetry, from the right.
		for range 2 {
			for j := range k {
				for i := range k {
					c.column.Set(i, j, s.At(i, t))
				}
			}
			for j := range k {
				c.project(f, &c.column, j)
			}
			ConjTranspose(&c.half, f)
			f.copyFrom(&c.half)
		}
		f.scale(1 / gamma)
		f.addDiagonal(1)
		if err := cholesky(f); err != nil {
			panic("mimo: identity plus a positive semidefinite matrix has no factor")
		}
	}
}

// Cost counts two products a pass.
func (c *CxPO) Cost(n, k int) Cost {
	passes, _, _, _ := c.withDefaults(n)
	times := float64(passes)
	cost := Cost{
		Iterations: passes,
		Products:   []Product{{"start", n, k, 1}, {"residual", k, n, times}, {"gradient", n, k, times}},
		Vectors:    []VectorOp{{"project", 2 * k, 8, times}, {"step and clip", 2 * n, 5, times}},
		OutBits:    1,
	}
	if c.Exact {
		cost.MatrixCMACs = float64(n*k*k) / 2
		cost.Products = append(cost.Products, Product{"solve", k, k, times + float64(k)/3})
	}
	return cost
}
