package bcgd

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"bitcycle/quantizers/bcgd"
)

// LongDescent runs 30 000 population steps from ‖w‖ = 5: the loss must not rise
// before it is below 1e-6, and every run must end at a minimizer.
func LongDescent(runs int) Statement {
	rises, global, spurious := 0, 0, 0
	for seed := range runs {
		rng := rand.New(rand.NewPCG(uint64(500+seed), 9))
		m := TwoLayer{VStar: direction(rng, 5, 1), WStar: direction(rng, 20, 1)}
		v, w := direction(rng, 5, 1), direction(rng, 20, 5)
		last := m.Loss(v, w)
		m.Descend(v, w, 0.02, 30_000, m.CoarseReLU, func(int) {
			if last < 1e-6 {
				return
			}
			now := m.Loss(v, w)
			if now > last+1e-15 {
				rises++
			}
			last = now
		})
		count(m.Theta(w), &global, &spurious)
	}
	return statement(
		"descent from ‖w‖ = 5: loss never rises, ends at a minimizer", runs,
		fmt.Sprintf("%d rises; %d global, %d spurious", rises, global, spurious), "0 rises, no other end",
		rises == 0 && global+spurious == runs && global > spurious)
}

// count adds an end of descent to those at the global or the spurious minimizer.
func count(theta float64, global, spurious *int) {
	switch {
	case theta < 0.05:
		*global++
	case theta > math.Pi-0.05:
		*spurious++
	}
}

// Starts runs 8000 steps of either derivative from unit vectors.
func Starts(runs int) []Statement {
	var out []Statement
	for _, identity := range []bool{false, true} {
		name, other, global, spurious := "ReLU", "34 and 6", 0, 0
		for seed := range runs {
			rng := rand.New(rand.NewPCG(uint64(seed), 10))
			m := TwoLayer{VStar: direction(rng, 5, 1), WStar: direction(rng, 20, 1)}
			v, w := direction(rng, 5, 1), direction(rng, 20, 1)
			coarse := m.CoarseReLU
			if identity {
				name, other, coarse = "identity", "35 and 5", m.CoarseIdentity
			}
			m.Descend(v, w, 0.05, 8000, coarse, nil)
			count(m.Theta(w), &global, &spurious)
		}
		out = append(out, statement(
			"descent from unit vectors, "+name, runs, fmt.Sprintf("%d global, %d spurious", global, spurious),
			"no other end, most global ("+other+" of 40 in a prototype with other draws)", global+spurious == runs && global > spurious))
	}
	return out
}

// recoveryRhos are the blends that SignRecovery compares; prototype is how many
// of 12 runs with other draws recovered.
var (
	recoveryRhos = []float64{0, 1e-5, 1e-3, 1e-2, 0.1, 1}
	prototype    = []int{11, 11, 11, 11, 9, 8}
)

// SignRecovery learns a binary first layer (16 weights, 4 rows, batch 64, rate
// 0.05, 1500 steps) by blended descent and counts the runs that find every sign.
func SignRecovery(seeds int) []Statement {
	var out []Statement
	plain := 0 // runs that succeed at ρ = 0
	for i, rho := range recoveryRhos {
		recovered, loss := 0, 0.0
		for seed := range seeds {
			ok, tail := recover16(uint64(seed), rho)
			loss += tail / float64(seeds)
			if ok {
				recovered++
			}
		}
		if i == 0 {
			plain = recovered
		}
		expected, holds := "three in four recover", 4*recovered >= 3*seeds
		if rho >= 0.1 {
			expected, holds = "fewer than at ρ = 0", recovered < plain
		}
		out = append(out, statement(fmt.Sprintf("binary layer by blended descent, ρ = %g", rho), seeds,
			fmt.Sprintf("%d recover every sign, tail loss %.4f", recovered, loss),
			fmt.Sprintf("%s (%d of 12 in a prototype)", expected, prototype[i]), holds))
	}
	return out
}

// recover16 reports whether a run finds all signs, and its population loss over
// the last 100 steps.
func recover16(seed uint64, rho float64) (ok bool, tail float64) {
	rng := rand.New(rand.NewPCG(seed, 21))
	const n, k, batch, steps, eta = 16, 4, 64, 1500, 0.05
	m := TwoLayer{VStar: normal(rng, k), WStar: make([]float64, n)}
	for i := range m.WStar {
		m.WStar[i] = math.Copysign(1/math.Sqrt(n), rng.Float64()-0.5)
	}
	v, wf := normal(rng, k), direction(rng, n, 1)
	for step := range steps {
		w := bcgd.Binary(wf).Values()
		if step >= steps-100 {
			tail += m.Loss(v, w) / 100
		}
		s := m.Batch(v, w, m.Draw(rng, batch))
		floats.AddScaled(v, -eta, s.GradV)
		Step(wf, make([]float64, n), w, s.GradW, rho, SGD{Rate: eta})
	}
	for i, q := range bcgd.Binary(wf).Q {
		if float64(q)*m.WStar[i] < 0 {
			return false, tail
		}
	}
	return true, tail
}
