package bcgd

import (
	"math"

	"bitcycle/kernels"
)

// stored is how real values reach the grid that they are stored on. Channel c
// takes v, a whole multiple of its unit (δ·α_in behind a layer, else the step of
// the input's grid), to y = gain·v + offset and to the code
//
//	⌊x + ½⌋, or ⌈x⌉ + level if up,   x = y/step,
//
// clipped to the grid. level is 0 but on a branch of a sum that a ceiling
// follows: with m steps of the branch to one of the sum it is m/2 − 1, which makes
// the sum's rounding to nearest ⌊(u + m/2 − 1)/m + ½⌋ = ⌈u/m⌉ for whole u.
//
// Gains and offsets are rounded so that unit·gain and offset are multiples of
// step/parts, parts a power of two of at least 2. Then so is every y, and an error
// of x changes no code unless it reaches from a multiple of 1/parts to the
// nearest threshold, and it does not:
//
//   - The simulation computes in float64, off by less than ½/parts, and goes back
//     to the multiple, which is x exactly, before it rounds.
//   - The integer network computes ⌊x + bias + ½⌋ in the fixed-point form of
//     package kernels, whose thresholds bias puts halfway between two multiples.
//     All its constants together are off by less than ½/parts: behind layers they
//     are float64, and the 31 bits of a multiplier hold the factor exactly; in
//     other maps they are float32, which is why those have fewer parts.
//
// So both give the code of the same real number, whatever v is.
type stored struct {
	step, lo, hi        float64 // of the grid
	up                  bool
	level               float64
	gain, offset, parts []float64 // by channel
}

// store fixes the map of node i: a batch normalization, a layer that none
// follows, or a ceiling of codes. Other nodes have none.
func (d *deployment) store(i int) {
	gain, offset := d.affine(i)
	if gain == nil {
		return
	}
	s := d.rounded(i)
	d.stored[i] = s
	layer := i
	if !kernels.HasWeights(d.nodes[i].Op) {
		layer = d.nodes[i].Inputs[0]
	}
	if !kernels.HasWeights(d.nodes[layer].Op) {
		from := d.grids[layer]
		for c, g := range gain {
			s.add(from.Scale, g, offset[c], func(f, o float64) int { return s.single(f, o, from) })
		}
		return
	}
	from := d.grids[d.nodes[layer].Inputs[0]]
	most := 128 * float64(len(d.codes[layer])/len(gain)) * float64(from.Magnitude())
	for c, g := range gain {
		s.add(d.deltas[layer][c]*from.Scale, g, offset[c], func(f, o float64) int { return s.double(f, o, most) })
	}
}

// affine returns y = gain·v + offset as trained, nil if node i stores no real
// values. The bias of a layer with batch normalization is in the offset.
func (d *deployment) affine(i int) (gain, offset []float64) {
	n := &d.nodes[i]
	_, rises := d.rewrite.units[i].(*ceiling)
	switch {
	case n.Norm != nil:
		norm, _ := d.Model.Norm(n.Name)
		bias := d.bias(n.Inputs[0], n.Shape.C)
		for c, g := range norm.Gamma {
			s := float64(g) / math.Sqrt(float64(norm.Var[c])+float64(norm.Epsilon))
			gain = append(gain, s)
			offset = append(offset, float64(norm.Beta[c])+float64((bias[c]-float64(norm.Mean[c]))*s))
		}
		return gain, offset
	case kernels.HasWeights(n.Op) && len(d.readers[i]) == 0:
		offset = d.bias(i, n.Shape.C)
	case n.Activation != nil && rises && d.rewrite.units[n.Inputs[0]] != nil:
		offset = make([]float64, n.Shape.C)
	}
	for range offset {
		gain = append(gain, 1)
	}
	return gain, offset
}

// bias returns the bias of a layer, zeros if node i has none.
func (d *deployment) bias(i, channels int) []float64 {
	bias := make([]float64, channels)
	if p := d.Model.Param(d.nodes[i].Name + ".bias"); p != nil && kernels.HasWeights(d.nodes[i].Op) {
		for c, v := range p.Value {
			bias[c] = float64(v)
		}
	}
	return bias
}

// rounded returns how node i rounds, without channels.
func (d *deployment) rounded(i int) *stored {
	g := d.grids[i]
	lo, hi := g.Range()
	s := &stored{step: g.Scale, lo: float64(lo), hi: float64(hi), up: d.rising[i]}
	switch {
	case d.nodes[i].Activation != nil:
		s.up = true
	case s.up && adds(&d.nodes[d.readers[i][0]]):
		s.level = math.Round(d.grids[d.readers[i][0]].Scale/g.Scale/2) - 1
	}
	return s
}

// add appends a channel with its gain and offset rounded; bits tells how many
// fractional bits x has, given the factor of v/unit and the offset in steps. A
// channel that is so steep that it has none, nearly all values clipped, is
// flattened until it has one.
func (s *stored) add(unit, gain, offset float64, bits func(factor, offset float64) int) {
	factor := float64(unit*gain) / s.step
	offset /= s.step
	n := bits(factor, offset)
	for ; n < 1 && !math.IsInf(offset, 0); n = bits(factor, offset) {
		factor, offset = factor/2, offset/2
	}
	parts := math.Ldexp(1, n)
	if unit != 0 {
		gain = math.RoundToEven(factor*parts) / parts * s.step / unit
	}
	s.gain = append(s.gain, gain)
	s.offset = append(s.offset, math.RoundToEven(offset*parts)/parts*s.step)
	s.parts = append(s.parts, parts)
}

// double is how many bits x has behind a layer, whose sums reach most. The
// factor keeps 24 significant bits, so that its multiplier has room for one more
// below the sign and is exact. Where x lies on the grid, its terms are below
// twice the reach, and 10 roundings of float64 among them below 10·2⁻⁵³·2⁴⁷ < ½
// parts. And sum and bias leave a bit of the 62 that kernels.Quantized has for
// them, and offsets the 40.
func (s *stored) double(factor, offset, most float64) int {
	reach := s.reach(offset)
	if reach >= 1<<39 {
		return 0
	}
	return min(24-exponent(factor), 46-exponent(reach), 59-exponent(factor*most))
}

// single is how many bits x has where float32 holds gain and bias: both err by
// less than 2⁻²⁴ of the largest value, which is an eighth of a part.
func (s *stored) single(factor, offset float64, from kernels.Grid) int {
	return 21 - exponent(math.Abs(factor)*float64(from.Magnitude())+math.Abs(offset)+s.level+1)
}

// reach is the largest x that is not clipped, plus the offset.
func (s *stored) reach(offset float64) float64 {
	return max(-s.lo, s.hi) + math.Abs(offset) + s.level + 2
}

// exponent is the least e with |x| < 2^e.
func exponent(x float64) int {
	_, e := math.Frexp(x)
	return e
}

// code returns the code of v.
func (s *stored) code(c int, v float64) float64 {
	y := float64(s.gain[c]*v) + s.offset[c]
	x := math.RoundToEven(y/s.step*s.parts[c]) / s.parts[c]
	if s.up {
		x = math.Ceil(x) + s.level
	} else {
		x = math.Floor(x + 0.5)
	}
	return min(max(x, s.lo), s.hi)
}

// bias is what the integer network adds to gain·v before it rounds to nearest,
// halves up: the offset and the shift that makes this the code, with thresholds
// half a part above one multiple and below the next.
func (s *stored) bias(c int) float64 {
	shift := 0.5 / s.parts[c]
	if s.up {
		shift = s.level + 0.5 - shift
	}
	return s.offset[c] + float64(shift*s.step)
}
