package autoq

// table holds what each layer costs at each pair of widths, all other layers at 8
// bits, relative to 8 bits everywhere: exact for one layer, and for several as far
// as layers do not share what they cost.
type table [][MaxBits + 1][MaxBits + 1]float64 // layer, weight bits, activation bits

func (p *Problem) table() table {
	t := make(table, len(p.Layers))
	policy := p.Uniform(MaxBits, MaxBits)
	for i := range p.Layers {
		act, width := policy.Acts[i], policy.Weights[i][0]
		lo, hi := p.weights(i)
		alo, ahi := p.acts(i)
		for a := alo; a <= ahi; a++ {
			policy.Acts[i] = a
			for w := lo; w <= hi; w++ {
				fill(policy.Weights[i], w)
				t[i][w][a] = p.PriceOf(policy)
			}
		}
		policy.Acts[i] = act
		fill(policy.Weights[i], width)
	}
	return t
}
