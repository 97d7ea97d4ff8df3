package stepped

import (
	"fmt"
	"math"
	"math/bits"
)

// serial is how a bit-serial array takes its operands: stepWeight and stepAct
// bits of them in one beat.
type serial struct {
	stepWeight, stepAct int
	wholeWeight         bool // weights are taken ParallelBits at a time, unrounded
	wholeAct            bool
	dot                 int     // elements of a dot-product unit
	words               int     // 64-bit words of a beat
	beats               []int32 // reduction index of every element of every beat, −1 for none
	count               int     // beats for one pair of steps
	issue               int     // cycles between pairs
}

// plane is one bit of every element of one or several vectors, worth scale:
// negative for the sign bit of a two's complement operand.
type plane struct {
	words []uint64 // [vector][beat][word]
	scale int64
}

// newSerial reads the variant of the array: serial in both operands (BISMO,
// Loom), or one or both taken ParallelBits at a time (Stripes, UNPU).
func (j *job) newSerial() (serial, error) {
	a := j.array
	if a.Dot < 1 {
		return serial{}, fmt.Errorf("array.dot = %d: must be at least 1", a.Dot)
	}
	whole := a.ParallelBits
	if whole == 0 {
		whole = math.MaxInt32
	}
	s := serial{stepWeight: max(a.SerialWeightBits, 1), stepAct: max(a.SerialBits, 1), dot: a.Dot, issue: a.IssueCycles}
	switch a.Serial {
	case "", "both":
	case "weights":
		s.wholeAct = true
	case "activations":
		s.wholeWeight = true
	case "none":
		s.wholeWeight, s.wholeAct = true, true
	default:
		return s, fmt.Errorf("array.serial = %q: must be both, weights, activations or none", a.Serial)
	}
	if s.wholeWeight {
		s.stepWeight = whole
	}
	if s.wholeAct {
		s.stepAct = whole
	}
	if err := s.speedUp(j); err != nil {
		return s, err
	}
	s.words = (s.dot + 63) / 64
	for _, segment := range j.segments {
		for start := 0; start < len(segment); start += s.dot {
			s.count++
			for i := start; i < start+s.dot; i++ {
				if i < len(segment) {
					s.beats = append(s.beats, segment[i])
				} else {
					s.beats = append(s.beats, -1)
				}
			}
		}
	}
	return s, nil
}

// speedUp widens the units for one-bit weights where the machine does (UNPU).
func (s *serial) speedUp(j *job) error {
	if j.array.OneBitSpeedup <= 1 {
		return nil
	}
	one, more := false, false
	for _, set := range j.sets {
		for _, c := range set {
			wide := j.array.RoundWeight(c.bits) > 1
			one, more = one || !wide, more || wide
		}
	}
	if one && more {
		return fmt.Errorf("array.one_bit_speedup = %g: the stepped array cannot mix one-bit and wider channels", j.array.OneBitSpeedup)
	}
	if one {
		s.dot = int(math.Round(float64(s.dot) * j.array.OneBitSpeedup))
	}
	return nil
}

// planes cuts vectors of an operand of the given bits, processed at width, into
// steps of step bits, least significant first. Steps beyond the operand hold no
// planes.
func (s *serial) planes(value func(vector int, k int32) int32, vectors, bits, width, step int, signed bool) [][]plane {
	all := s.cut(value, vectors, bits)
	if signed {
		all[bits-1].scale = -all[bits-1].scale
	}
	var steps [][]plane
	for low := 0; low < width; low += step {
		steps = append(steps, all[min(low, bits):min(low+step, bits)])
	}
	return steps
}

// cut returns the planes of the lowest bits of vectors.
func (s *serial) cut(value func(vector int, k int32) int32, vectors, bits int) []plane {
	all := make([]plane, bits)
	for p := range all {
		all[p] = plane{make([]uint64, vectors*s.count*s.words), 1 << p}
	}
	word := 0
	for v := range vectors {
		for beat := range s.count {
			for i, k := range s.beats[beat*s.dot : (beat+1)*s.dot] {
				if k < 0 {
					continue
				}
				x := value(v, k)
				for p := range all {
					all[p].words[word+i/64] |= uint64(x>>p&1) << (i % 64)
				}
			}
			word += s.words
		}
	}
	return all
}

// plusMinus are the planes of a vector of weights −1 and +1: the ones of the
// first add, those of the second subtract.
func (s *serial) plusMinus(value func(vector int, k int32) int32) []plane {
	two := s.cut(func(v int, k int32) int32 {
		switch w := value(v, k); {
		case w > 0:
			return 1
		case w < 0:
			return 2
		}
		return 0
	}, 1, 2)
	two[1].scale = -1
	return two
}

// multiply is one beat of a row of dot-product units: AND, count the ones, weigh
// by the place of the planes.
func (s *serial) multiply(sums []int64, weights, acts []plane, beat int) {
	lo, stride := beat*s.words, s.count*s.words
	for i := range weights {
		w := weights[i].words[lo : lo+s.words]
		for j := range acts {
			scale, at := weights[i].scale*acts[j].scale, lo
			for n := range sums {
				sums[n] += scale * int64(commonOnes(w, acts[j].words[at:at+len(w)]))
				at += stride
			}
		}
	}
}

func commonOnes(a, b []uint64) (ones int) {
	b = b[:len(a)]
	for i, x := range a {
		ones += bits.OnesCount64(x & b[i])
	}
	return ones
}
