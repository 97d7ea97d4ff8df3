package workload

// Pass is a workload that runs Count times, one run after the other.
type Pass struct {
	Workload *Workload
	Count    float64
}

// FrontEnd is what a radio front end computes to send or receive symbol vectors.
type FrontEnd struct {
	// Matrix is computed once a coherence block; nil where there is none. Vectors are
	// all vectors of a block, on the same machine.
	Matrix, Vectors []Pass
	// Group is the vectors that have to wait for each other, GroupSymbols of them.
	Group        []Pass
	GroupSymbols int
	// Chain is the modulator's recursion over the antennas for one sample vector, I and
	// Q in one unit; nil if there is none.
	Chain *Op
	// SampleOps are the real operations on one vector between the product and the
	// converters: the logic beside each antenna does them as samples pass.
	SampleOps float64
}
