package reports

import (
	"math"
	"strconv"
)

// decades marks a logarithmic axis: powers of ten, with 2 and 5 between them when
// the axis spans few of them, and short marks at the other multiples; an axis
// shorter than half a power is marked like a linear one.
func decades(low, high float64) []tick {
	const crowded, sparse, short = 8.0, 2.0, 0.5
	from, to := int(math.Floor(math.Log10(low))), int(math.Ceil(math.Log10(high)))
	span := math.Log10(high / low)
	if span < short {
		return rounds(low, high)
	}
	every := max(1, int(math.Ceil(span/crowded)))
	var ticks []tick
	for e := from; e <= to; e++ {
		for digit := 1; digit < 10; digit++ {
			t := tick{value: float64(digit) * math.Pow10(e)}
			power := digit == 1 && e%every == 0
			if power || span < sparse && (digit == 1 || digit == 2 || digit == 5) {
				t.label = label(t.value)
			}
			ticks = append(ticks, t)
		}
	}
	return ticks
}

// rounds marks a linear axis at multiples of 1, 2 or 5 times a power of ten.
func rounds(low, high float64) []tick {
	const wanted = 6
	step := math.Pow10(int(math.Floor(math.Log10((high - low) / wanted))))
	for _, factor := range []float64{1, 2, 5, 10} {
		if (high-low)/(factor*step) <= wanted {
			step *= factor
			break
		}
	}
	var ticks []tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+1e-9*step; i++ {
		ticks = append(ticks, tick{i * step, label(i * step)})
	}
	return ticks
}

// label writes a tick's value without the noise of its last bits.
func label(v float64) string {
	if v == 0 { // which may have a sign
		return "0"
	}
	v, _ = strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	return strconv.FormatFloat(v, 'g', -1, 64)
}
