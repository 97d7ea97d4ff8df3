package sweep

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// maxValues bounds an axis.
const maxValues = 1 << 20

// ParseAxis reads an axis of the command line: key=8,16,32, key=2:8 (whole numbers from
// 2 to 8), key=0:1:0.25 (step) or key=8:64:x2 (factor).
func ParseAxis(text string) (Axis, error) {
	at := "--axis " + files.Printable(text)
	key, values, ok := strings.Cut(text, "=")
	key = strings.TrimSpace(key)
	if !ok || key == "" || strings.TrimSpace(values) == "" {
		return Axis{}, fmt.Errorf("%s: want key=value,value,… or key=from:to or key=from:to:step or key=from:to:xfactor", at)
	}
	list, err := spread(values)
	if err != nil {
		return Axis{}, fmt.Errorf("%s: %w", at, err)
	}
	return NewAxis(key, list, at)
}

// NewAxis is one key with its values; at says where they were written.
func NewAxis(key string, values []string, at string) (Axis, error) {
	a := Axis{Keys: []string{key}, At: at}
	for i, v := range values {
		if slices.Contains(values[:i], v) {
			return a, fmt.Errorf("%s: %s = %s: given twice", at, key, v)
		}
		a.Values = append(a.Values, []string{v})
	}
	if len(values) == 0 {
		return a, fmt.Errorf("%s: %s: wants at least one value", at, key)
	}
	return a, nil
}

// Distinct is an axis of one key, of values that may repeat.
func Distinct(key string, values []string) Axis {
	a := Axis{Keys: []string{key}}
	for i, v := range values {
		if !slices.Contains(values[:i], v) {
			a.Values = append(a.Values, []string{v})
		}
	}
	return a
}

// spread reads the values of an axis of the command line.
func spread(text string) ([]string, error) {
	parts := strings.Split(text, ":")
	var r span
	numeric := len(parts) == 2 || len(parts) == 3
	for i, part := range parts {
		if i == 2 && strings.HasPrefix(part, "x") {
			r.factor, part = true, part[1:]
		}
		x, ok := number(strings.TrimSpace(part))
		if numeric = numeric && ok; !numeric {
			break
		}
		switch i {
		case 0:
			r.from = x
		case 1:
			r.to = x
		case 2:
			r.by = x
		}
	}
	if numeric {
		if len(parts) == 2 {
			r.by = numeral{1, true}
		}
		return r.values()
	}
	var list []string
	for _, v := range splitOutside(text) {
		if v = strings.TrimSpace(v); v == "" {
			return nil, errors.New("an empty value")
		}
		if x, ok := number(v); ok {
			v = x.text()
		}
		list = append(list, v)
	}
	return list, nil
}

// splitOutside splits at commas that are in no brackets.
func splitOutside(text string) []string {
	var parts []string
	depth, start := 0, 0
	for i, r := range text {
		switch r {
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		case ',':
			if depth == 0 {
				parts = append(parts, text[start:i])
				start = i + 1
			}
		}
	}
	return append(parts, text[start:])
}

// numeral is a number that remembers whether it was written as a whole one.
type numeral struct {
	x     float64
	whole bool
}

func number(text string) (numeral, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return numeral{float64(n), true}, true
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return numeral{}, false
	}
	return numeral{x, false}, true
}

// text writes the number as TOML has it.
func (n numeral) text() string {
	if n.whole {
		return strconv.FormatInt(int64(n.x), 10)
	}
	return strict.FormatFloat(n.x)
}

// span is evenly spaced values, or values each a factor above the one before.
type span struct {
	from, to, by numeral
	factor       bool
}

// values lists them; sums and products are rounded to 12 digits, so that 0.1 three times
// is 0.3.
func (s span) values() ([]string, error) {
	switch {
	case s.factor && (s.by.x <= 1 || s.from.x <= 0):
		return nil, errors.New("wants a factor above 1 and a start above 0")
	case !s.factor && s.by.x <= 0:
		return nil, errors.New("wants a step above 0")
	case s.to.x < s.from.x:
		return nil, errors.New("wants from ≤ to")
	}
	count := (s.to.x - s.from.x) / s.by.x
	if s.factor {
		count = (math.Log(s.to.x) - math.Log(s.from.x)) / math.Log(s.by.x)
	}
	if !(count < maxValues+1) { // before there are a million
		return nil, fmt.Errorf("more than %d values", maxValues)
	}
	whole := s.from.whole && s.by.whole
	var list []string
	for i, x := 0, s.from.x; x <= s.to.x*(1+1e-12); i++ {
		if len(list) == maxValues {
			return nil, fmt.Errorf("more than %d values", maxValues)
		}
		list = append(list, numeral{x, whole}.text())
		if s.factor {
			x = round12(x * s.by.x)
		} else {
			x = round12(s.from.x + float64(i+1)*s.by.x)
		}
	}
	return list, nil
}

func round12(x float64) float64 {
	y, _ := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 12, 64), 64)
	return y
}
