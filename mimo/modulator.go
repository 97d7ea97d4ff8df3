package mimo

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"bitcycle/mimo/internal/kernel"
)

// Modulator is a spatial Sigma-Delta modulator. Along a chain of antennas it
// computes, from q = 0,
//
//	b_n = x̄_n − c_n·q_{n−1}                       (Order 1)
//	b_n = x̄_n − 2c_n·q_{n−1} + c_n·c_{n−1}·q_{n−2}   (Order 2)
//	x_n = Q(b_n),  q_n = x_n − b_n
//
// with Q the mid-rise quantizer of Levels levels ±1, ±3, … in each dimension;
// two levels are csgn with sgn 0 = 1 (Shao et al. 2019, Section III). The zero
// value is the plain first-order one-bit modulator.
type Modulator struct {
	Order  int `toml:"order" json:"order,omitempty"`   // 1 or 2; 0 means 1
	Levels int `toml:"levels" json:"levels,omitempty"` // even; 0 means 2
	// Chains cuts the antennas into that many independent chains, the first
	// N mod Chains of them one antenna longer; 0 means 1.
	Chains int     `toml:"chains" json:"chains,omitempty"`
	Psi    float64 `toml:"psi" json:"psi,omitempty"` // c_n = e^{jψ}: the noise has its null at ω = ψ
	// FracBits rounds inputs, coefficients and products to that many binary
	// digits after the point, and saturates b to ±2·Levels; 0 means floating
	// point.
	FracBits int `toml:"frac_bits" json:"frac_bits,omitempty"`

	// C gives c_n for each antenna instead of e^{jψ}; the first of a chain is not used.
	C []complex128 `toml:"-" json:"-"`
	// Along is the sequence in which antennas form the chain; nil means 0, 1, 2, …
	// C is indexed by position in it.
	Along []int `toml:"-" json:"-"`
}

// Validate reports what cannot be.
func (m Modulator) Validate() error {
	switch {
	case m.Order < 0 || m.Order > 2:
		return fmt.Errorf("order = %d: must be 1 or 2", m.Order)
	case m.Levels < 0 || m.Levels%2 != 0:
		return fmt.Errorf("levels = %d: must be an even number", m.Levels)
	case m.Chains < 0:
		return fmt.Errorf("chains = %d: must be at least 1", m.Chains)
	case m.FracBits < 0 || m.FracBits > 40:
		return fmt.Errorf("frac_bits = %d: must be 0 (floating point) to 40", m.FracBits)
	}
	return nil
}

// Adaptive returns the first-order modulator adapted to the channel h of one
// user: antennas in order of increasing |h_n| and c_n = h_{n−1}/h_n, so that
//
//	Σ h_n (x_n − x̄_n) = h_{N−1}·q_{N−1}.
func Adaptive(h []complex128) Modulator {
	along := make([]int, len(h))
	for i := range along {
		along[i] = i
	}
	slices.SortStableFunc(along, func(a, b int) int {
		switch d := cmplx.Abs(h[a]) - cmplx.Abs(h[b]); {
		case d < 0:
			return -1
		case d > 0:
			return 1
		}
		return 0
	})
	c := make([]complex128, len(h))
	for i := 1; i < len(h); i++ {
		if last := h[along[i]]; last != 0 {
			c[i] = h[along[i-1]] / last
		}
	}
	return Modulator{C: c, Along: along}
}

// order, levels and chains fill in the defaults.
func (m Modulator) order() int  { return max(m.Order, 1) }
func (m Modulator) levels() int { return max(m.Levels, 2) }
func (m Modulator) chains() int { return max(m.Chains, 1) }

// OneBit reports whether the antennas transmit ±1±j.
func (m Modulator) OneBit() bool { return m.levels() == 2 }

// plain reports whether every c_n is 1.
func (m Modulator) plain() bool { return m.C == nil && m.Psi == 0 }

// coefficient is c_n of the n-th antenna in the chain.
func (m Modulator) coefficient(n int) complex128 {
	c := complex(1, 0)
	switch {
	case m.C != nil:
		c = m.C[n]
	case m.Psi != 0:
		c = phase(m.Psi)
	}
	if m.FracBits > 0 {
		return complex(m.round(real(c)), m.round(imag(c)))
	}
	return c
}

// antenna is the n-th antenna along the chain.
func (m Modulator) antenna(n int) int {
	if m.Along != nil {
		return m.Along[n]
	}
	return n
}

// chain returns the positions [from, to) of sub-chain i of n antennas.
func (m Modulator) chain(i, n int) (from, to int) {
	b := m.chains()
	from = i*(n/b) + min(i, n%b)
	to = from + n/b
	if i < n%b {
		to++
	}
	return from, to
}

// Amax is the largest IQ-infinity norm of an n-antenna input for which no
// quantizer can overload: every |Re q|, |Im q| stays within 1. It is Levels minus
// what the feedback can add; if that is not positive the modulator has no such
// bound.
func (m Modulator) Amax(n int) float64 {
	var worst float64
	for i := 1; i < n; i++ {
		c := m.coefficient(i)
		fed := spread(c)
		if m.order() == 2 {
			fed = 2*spread(c) + spread(c*m.coefficient(i-1))
		}
		worst = max(worst, fed)
		if m.C == nil {
			break
		}
	}
	return float64(m.levels()) - worst
}

// spread bounds |Re c·q| and |Im c·q| for |Re q|, |Im q| ≤ 1.
func spread(c complex128) float64 { return math.Abs(real(c)) + math.Abs(imag(c)) }

// amplitude is the design amplitude for n antennas: Amax where there is one, else 1.
func (m Modulator) amplitude(n int) float64 {
	if a := m.Amax(n); a > 0 {
		return a
	}
	return 1
}

// Run modulates scale·xbar, N×T with one chain (or bundle of sub-chains) per
// column, into x, which may be xbar itself.
func (m Modulator) Run(x, xbar *Matrix, scale float64) {
	if x != xbar {
		x.fit(xbar.Rows, xbar.Cols)
	}
	if m.order() > 1 || !m.OneBit() || m.FracBits > 0 || m.Along != nil {
		m.recursion(Trace{X: x}, xbar, scale)
		return
	}
	var c kernel.Coefficients
	if !m.plain() {
		c.Re, c.Im = make([]float64, x.Rows), make([]float64, x.Rows)
		for i := range c.Re {
			v := m.coefficient(i)
			c.Re[i], c.Im[i] = real(v), imag(v)
		}
	}
	for i := range m.chains() {
		from, to := m.chain(i, x.Rows)
		part := c
		if c.Re != nil {
			part = kernel.Coefficients{Re: c.Re[from:to], Im: c.Im[from:to]}
		}
		kernel.Modulate(to-from, x.Cols, x.below(from), xbar.below(from), scale, part)
	}
}

// below is the view of m from a row on.
func (m *Matrix) below(row int) kernel.View {
	at := row * m.Stride
	return kernel.View{Re: m.Re[at:], Im: m.Im[at:], Stride: m.Stride}
}
