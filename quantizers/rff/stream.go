package rff

import "math/rand/v2"

// streamChunk is the number of features a Stream handles at a time: its memory
// is this, the modulator's few past states and one partial block sum, whatever
// the number of features.
const streamChunk = 256

// Stream quantizes and condenses feature vectors as they arrive, one row after
// the other, in any portions. Not for use by several goroutines at once.
type Stream struct {
	scheme  Scheme
	seed    uint64
	state   *state     // SigmaDelta, Beta
	rng     *rand.Rand // StocQ
	source  *rand.PCG  // behind rng
	weights []int64    // SigmaDelta: condensation vector
	sum     int64      // of the block begun
	filled  int        // entries in it
	odd     []int32    // scratch
}

// NewStream returns a stream for a valid scheme with integer codes. The seed
// matters to StocQ only.
func (s Scheme) NewStream(seed uint64) *Stream {
	if s.Method == Float {
		panic("rff: the float scheme has no integer codes")
	}
	st := &Stream{scheme: s, seed: seed, odd: make([]int32, streamChunk)}
	if m, ok := s.Modulator(); ok {
		st.state = newState(&m)
	}
	if s.Method == SigmaDelta {
		for _, v := range SigmaDeltaVector(s.Order, s.lag()) {
			st.weights = append(st.weights, int64(v))
		}
	}
	if s.Method == StocQ {
		st.source = rand.NewPCG(0, 0)
		st.rng = rand.New(st.source)
	}
	st.Begin(0)
	return st
}

// Begin starts a new row. The random numbers of StocQ depend on the seed and on
// row alone.
func (st *Stream) Begin(row uint64) {
	st.sum, st.filled = 0, 0
	if st.state != nil {
		st.state.reset()
	}
	if st.source != nil {
		st.source.Seed(st.seed, row)
	}
}

// Push takes the next features of the row and appends the integers that they
// complete to dst: block sums in half steps for SigmaDelta, levels in half steps
// for the other methods.
func (st *Stream) Push(dst []int32, z []float64) []int32 {
	for len(z) > 0 {
		n := min(len(z), streamChunk)
		st.quantize(z[:n])
		if st.weights == nil {
			dst = append(dst, st.odd[:n]...)
		} else {
			dst = st.condense(dst, st.odd[:n])
		}
		z = z[n:]
	}
	return dst
}

// Diagnostics returns those of all rows so far.
func (st *Stream) Diagnostics() Diagnostics {
	if st.state == nil {
		return Diagnostics{}
	}
	return st.state.diag
}

func (st *Stream) quantize(z []float64) {
	switch {
	case st.state != nil:
		st.state.run(z, st.odd[:len(z)])
	case st.rng != nil:
		for i, x := range z {
			st.odd[i] = st.scheme.Alphabet.Stochastic(x, st.rng.Float64())
		}
	default:
		q := st.scheme.Alphabet.quantizer()
		for i, x := range z {
			st.odd[i] = int32(q.odd(x))
		}
	}
}

func (st *Stream) condense(dst, odd []int32) []int32 {
	for len(odd) > 0 {
		weights := st.weights[st.filled:]
		n := min(len(weights), len(odd))
		for i, o := range odd[:n] {
			st.sum += weights[i] * int64(o)
		}
		odd = odd[n:]
		if st.filled += n; st.filled == len(st.weights) {
			dst = append(dst, int32(st.sum))
			st.sum, st.filled = 0, 0
		}
	}
	return dst
}
