package sweep

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
	"gonum.org/v1/gonum/stat/samplemv"
)

// rules are the ways to take points from a product.
var rules = []string{"grid", "random", "lhs", "halton", "sobol", refining}

// draw returns the points that a rule takes of the space, ascending and distinct: at most
// count of them, fewer where the rule meets the same again and again.
//
//   - grid takes every so many-th point;
//   - random draws evenly without replacement;
//   - lhs is a Latin hypercube (McKay, Beckman, Conover 1979), halton Owen's scrambled
//     Halton sequence (arXiv 1706.02808), both by gonum;
//   - sobol is Sobol's sequence with the direction numbers of Joe and Kuo (2008);
//   - front is a quarter of the points by one of these two, the rest is chosen around the
//     front that they give, see [Plan.refine].
func (s space) draw(rule Sample) ([]int64, error) {
	n, err := s.size()
	if err != nil {
		return nil, err
	}
	count := int64(rule.Count)
	if count >= n {
		count = n
	}
	if rule.Rule == refining {
		count, rule.Rule = int64(first(int(count), len(s.lengths))), "sobol"
		if len(s.lengths) > len(sobolNumbers)+1 {
			rule.Rule = "halton"
		}
	}
	switch {
	case rule.Rule == "grid":
		list := make([]int64, count)
		for i := range list {
			list[i] = int64(float64(i) * float64(n) / float64(count))
		}
		return slices.Compact(list), nil
	case rule.Rule == "sobol" && len(s.lengths) > len(sobolNumbers)+1:
		return nil, fmt.Errorf("sample.rule = \"sobol\": %d axes: at most %d; halton takes more", len(s.lengths), len(sobolNumbers)+1)
	}
	return s.distinct(count, rule), nil
}

// distinct draws batch after batch until there are enough different points, or a batch
// brings few new ones.
func (s space) distinct(count int64, rule Sample) []int64 {
	seen := make(map[int64]struct{}, count)
	digits := make([]int, len(s.lengths))
	rng := rand.New(rand.NewPCG(uint64(rule.Seed), 0x7377656570))
	next := 0 // of a sequence
	for int64(len(seen)) < count {
		before := len(seen)
		u := s.batch(int(max(count-int64(before), 16)), next, rule.Rule, rng)
		next += len(u)
		for _, v := range u {
			if int64(len(seen)) == count {
				break
			}
			seen[s.at(v, digits)] = struct{}{}
		}
		if len(seen)-before < len(u)/64 {
			break
		}
	}
	list := make([]int64, 0, len(seen))
	for i := range seen {
		list = append(list, i)
	}
	slices.Sort(list)
	return list
}

// batch draws points of the unit cube; the first of a sequence is number next.
func (s space) batch(n, next int, rule string, rng *rand.Rand) [][]float64 {
	d := len(s.lengths)
	u := make([][]float64, n)
	switch rule {
	case "sobol":
		for i := range u {
			u[i] = sobol(uint32(next+i), d)
		}
		return u
	case "lhs", "halton":
		m := mat.NewDense(n, d, nil)
		cube := distmv.NewUnitUniform(d, rng)
		var sampler samplemv.Sampler = samplemv.LatinHypercube{Q: cube, Src: rng}
		if rule == "halton" {
			sampler = samplemv.Halton{Kind: samplemv.Owen, Q: cube, Src: rng}
		}
		sampler.Sample(m)
		for i := range u {
			u[i] = m.RawRowView(i)
		}
		return u
	}
	for i := range u {
		u[i] = make([]float64, d)
		for k := range u[i] {
			u[i][k] = rng.Float64()
		}
	}
	return u
}
