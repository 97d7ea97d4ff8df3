package mimo

import (
	"math"
	"math/rand/v2"
	"slices"
)

// User is a user seen from the array in a far-field line of sight.
type User struct {
	Azimuth   float64    // θ, rad, from broadside
	Elevation float64    // φ, rad; planar arrays only
	Gain      complex128 // α
}

// Channel is the flat channel of one coherence block.
type Channel struct {
	H  *Matrix // K×N, row i the channel of user i
	HH *Matrix // N×K, its conjugate transpose

	Users   []User  // nil if the channel is not angular
	Spacing float64 // antenna spacing over wavelength; 0 if the channel is not angular
}

// NewChannel wraps a K×N matrix.
func NewChannel(h *Matrix) *Channel {
	hh := &Matrix{}
	ConjTranspose(hh, h)
	return &Channel{H: h, HH: hh}
}

// Omega is the phase step an antenna in direction theta (rad), spacing in wavelengths,
//
//	ω = 2π·spacing·sin θ   (Shao et al. 2019, eq. 2).
func Omega(theta, spacing float64) float64 { return 2 * math.Pi * spacing * math.Sin(theta) }

// Steering is the response of n antennas, a_i = e^{−jωi}.
func Steering(omega float64, n int) []complex128 {
	a := make([]complex128, n)
	for i := range a {
		a[i] = phase(-omega * float64(i))
	}
	return a
}

// NewULA returns the channel of a uniform linear array of n antennas: row i is αᵢ·a(θᵢ).
func NewULA(users []User, n int, spacing float64) *Channel {
	h := NewMatrix(len(users), n)
	for k, u := range users {
		omega := Omega(u.Azimuth, spacing)
		for i := range n {
			h.Set(k, i, u.Gain*phase(-omega*float64(i)))
		}
	}
	ch := NewChannel(h)
	ch.Users, ch.Spacing = slices.Clone(users), spacing
	return ch
}

// NewPlanar returns the channel of a planar array of rows × cols antennas, both at the same spacing.
// Antenna (r, c) has index r·cols + c and the response
//
//	e^{−j2π·spacing·(c·sin θ·cos φ + r·sin φ)}.
func NewPlanar(users []User, rows, cols int, spacing float64) *Channel {
	h := NewMatrix(len(users), rows*cols)
	for k, u := range users {
		across := 2 * math.Pi * spacing * math.Sin(u.Azimuth) * math.Cos(u.Elevation)
		up := 2 * math.Pi * spacing * math.Sin(u.Elevation)
		for r := range rows {
			for c := range cols {
				h.Set(k, r*cols+c, u.Gain*phase(-across*float64(c)-up*float64(r)))
			}
		}
	}
	ch := NewChannel(h)
	ch.Users, ch.Spacing = slices.Clone(users), spacing
	return ch
}

// NewRayleigh draws a K×N channel of independent CN(0, 1) coefficients.
func NewRayleigh(users, n int, r *rand.Rand) *Channel {
	h := NewMatrix(users, n)
	for k := range users {
		gaussian(h, k, 1, r)
	}
	return NewChannel(h)
}

// gaussian fills row i of m with independent CN(0, variance).
func gaussian(m *Matrix, i int, variance float64, r *rand.Rand) {
	s := math.Sqrt(variance / 2)
	re, im := m.Row(i)
	for j := range re {
		re[j], im[j] = s*r.NormFloat64(), s*r.NormFloat64()
	}
}

// Angles draws k angles uniformly in [lo, hi] under the condition that any two
// lie at least separation apart, in random order. Units are the caller's. It
// needs (k−1)·separation ≤ hi−lo.
func Angles(k int, lo, hi, separation float64, r *rand.Rand) []float64 {
	// Sorted angles with the gaps taken out are sorted uniform variables.
	free := hi - lo - float64(k-1)*separation
	if free < 0 {
		panic("mimo: the sector is too small for the users")
	}
	angles := make([]float64, k)
	for i := range angles {
		angles[i] = lo + free*r.Float64()
	}
	slices.Sort(angles)
	for i := range angles {
		angles[i] += float64(i) * separation
	}
	r.Shuffle(k, func(i, j int) { angles[i], angles[j] = angles[j], angles[i] })
	return angles
}

// row returns the channel of user k.
func (ch *Channel) row(k int) []complex128 {
	h := make([]complex128, ch.H.Cols)
	for i := range h {
		h[i] = ch.H.At(k, i)
	}
	return h
}
