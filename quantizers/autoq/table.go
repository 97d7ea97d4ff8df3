package autoq

import "bitcycle/kernels/workload"

// table holds what each layer costs at each pair of widths, all other layers as in
// a policy, relative to 8 bits everywhere: exact for one layer, and for several as
// far as layers do not share what they cost.
type table [][MaxBits + 1][MaxBits + 1]float64 // layer, weight bits, activation bits

// table prices widths up to reach bits from those of a policy.
func (p *Problem) table(of *Policy, reach int) table {
	t := make(table, len(p.Layers))
	policy := of.Clone()
	for i := range p.Layers {
		lo, hi := window(of.Weights[i], reach)
		alo, ahi := window(of.Acts[i:i+1], reach)
		least, most := p.weights(i)
		aleast, amost := p.acts(i)
		for a := max(alo, aleast); a <= min(ahi, amost); a++ {
			policy.Acts[i] = a
			for w := max(lo, least); w <= min(hi, most); w++ {
				fill(policy.Weights[i], w)
				t[i][w][a] = p.PriceOf(policy)
			}
		}
		policy.Acts[i] = of.Acts[i]
		copy(policy.Weights[i], of.Weights[i])
	}
	return t
}

// wideTable prices all widths, all other layers at 8 bits.
func (p *Problem) wideTable() table { return p.table(p.Uniform(MaxBits, MaxBits), MaxBits) }

// window spans what lies within reach of any of some widths.
func window(bits workload.Widths, reach int) (lo, hi uint8) {
	return uint8(max(int(bits.Min())-reach, 0)), uint8(min(int(bits.Max())+reach, MaxBits))
}
