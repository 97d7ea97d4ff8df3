// Package stat holds the few statistics that reports state: score and paired
// intervals of shares, and quantiles.
package stat

import (
	"cmp"
	"math"
	"slices"
)

// Z95 is the 97.5 % quantile of the normal distribution: a two-sided interval of
// 95 % is so many standard deviations wide to each side.
const Z95 = 1.959963984540054

// Wilson returns the 95 % score interval of a proportion from successes in trials
// (E. B. Wilson, J. Amer. Statist. Assoc. 22, 1927):
//
//	(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)
//
// Trials need not be whole: correlated ones count for less.
func Wilson(successes, trials float64) (lo, hi float64) { return WilsonAt(Z95, successes, trials) }

// WilsonAt is Wilson for so many standard deviations to each side.
func WilsonAt(z, successes, trials float64) (lo, hi float64) {
	if trials <= 0 {
		return 0, 1
	}
	n, p := trials, successes/trials
	center := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	lo, hi = max(center-half, 0), min(center+half, 1)
	if successes == 0 {
		lo = 0 // rounding aside
	}
	if successes == trials {
		hi = 1
	}
	return lo, hi
}

// Paired returns how much more often a is right than b on the same trials, as a
// fraction, with its 95 % interval from the trials on which they differ (Newcombe,
// Statistics in Medicine 17, 1998, method 1).
func Paired(a, b []bool) (difference float64, ci95 [2]float64) {
	n := float64(max(len(a), 1))
	var better, worse float64
	for i := range a {
		switch {
		case a[i] && !b[i]:
			better++
		case b[i] && !a[i]:
			worse++
		}
	}
	difference = (better - worse) / n
	half := Z95 * math.Sqrt((better+worse)/n-difference*difference) / math.Sqrt(n)
	return difference, [2]float64{difference - half, difference + half}
}

// Quantile returns the q-quantile of values, interpolated between order
// statistics at q·(n−1) (Hyndman and Fan, The American Statistician 50, 1996, type 7).
func Quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := q * float64(len(sorted)-1)
	low := min(int(at), len(sorted)-1)
	high := min(low+1, len(sorted)-1)
	return sorted[low] + (at-float64(low))*(sorted[high]-sorted[low])
}

// NearestRank returns the smallest of values that at least a share q of them do
// not exceed (type 1).
func NearestRank(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	at := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}

// Spearman is the rank correlation of paired values, Pearson's of their ranks, equal
// values sharing the mean of theirs (Spearman, Am. J. Psychol. 15, 1904). It is NaN for
// fewer than two pairs and where all values of a side are equal.
func Spearman(x, y []float64) float64 {
	a, b := ranks(x), ranks(y)
	mean := float64(len(a)+1) / 2
	var xy, xx, yy float64
	for i := range a {
		xy += (a[i] - mean) * (b[i] - mean)
		xx += (a[i] - mean) * (a[i] - mean)
		yy += (b[i] - mean) * (b[i] - mean)
	}
	return xy / math.Sqrt(xx*yy)
}

// ranks are the places of values in ascending order, from 1.
func ranks(values []float64) []float64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	ranks := make([]float64, len(values))
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && values[order[hi]] == values[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			ranks[i] = float64(lo+1+hi) / 2
		}
		lo = hi
	}
	return ranks
}
