package sweep

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/stat"
)

// Rule is a bound on how much worse a figure may get: "latency_per_image_s>+2%",
// "top1<-0.5pp", "area_mm2>+0.1".
type Rule struct {
	Metric int
	Up     bool // fails when the figure rises by more than Limit, else when it falls
	Limit  float64
	Unit   string // "%" of the base, "pp" percentage points of a share, "" of the figure
	text   string
}

// String is the rule as it was written.
func (r Rule) String() string { return r.text }

// ParseRules reads rules separated by commas.
func ParseRules(text string) ([]Rule, error) {
	var rules []Rule
	for part := range strings.SplitSeq(text, ",") {
		r, err := parseRule(strings.TrimSpace(part))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", part, err)
		}
		rules = append(rules, r)
	}
	return rules, nil
}

func parseRule(text string) (Rule, error) {
	wrong := errors.New("want FIGURE>+2%, FIGURE<-0.5pp or FIGURE>+0.1")
	at := strings.IndexAny(text, "<>")
	if at < 1 || at+2 > len(text) {
		return Rule{}, wrong
	}
	m, err := metricOf(strings.TrimSpace(text[:at]))
	if err != nil {
		return Rule{}, err
	}
	r := Rule{Metric: m, Up: text[at] == '>', text: text}
	value := strings.TrimSpace(text[at+1:])
	for _, unit := range []string{"%", "pp"} {
		if rest, ok := strings.CutSuffix(value, unit); ok {
			r.Unit, value = unit, strings.TrimSpace(rest)
			break
		}
	}
	x, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) || (x < 0) == r.Up && x != 0 {
		return Rule{}, wrong
	}
	r.Limit = math.Abs(x)
	return r, nil
}

// Change is a figure of a point now and in the base.
type Change struct {
	Rule        Rule
	Point       int // of the table
	Base, Value float64
	// By is the change in the rule's unit; Low and High are the ends of its 95 % interval
	// where the accuracy of both was measured on the same images, else By.
	By, Low, High float64
	Failed        bool
	Reason        string // "" unless failed
}

// Compare holds a table against a base, point by point of the same axis values. Costs are
// exact: a change beyond the limit fails. Accuracies of the same images are compared pair
// by pair (Newcombe 1998), and fail when the whole 95 % interval of the change lies beyond
// the limit; without the outcome of each image, the change itself decides. A point that
// had figures and has none fails too.
func (t *Table) Compare(base *Table, rules []Rule, outcomes, baseOutcomes func(ID) string) (changes []Change, onlyNew, onlyBase int, err error) {
	if !slices.Equal(t.Keys, base.Keys) {
		return nil, 0, 0, fmt.Errorf("the axes differ: %s, and %s in the base", strings.Join(t.Keys, ", "), strings.Join(base.Keys, ", "))
	}
	before := map[string]int{}
	for i := range base.Len() {
		before[strings.Join(base.Values(i), "\x00")] = i
	}
	for i := range t.Len() {
		key := strings.Join(t.Values(i), "\x00")
		j, known := before[key]
		if !known {
			onlyNew++
			continue
		}
		delete(before, key)
		for _, r := range rules {
			c, ok, err := t.change(base, r, i, j, outcomes, baseOutcomes)
			if err != nil {
				return nil, 0, 0, err
			}
			if ok {
				changes = append(changes, c)
			}
		}
	}
	return changes, onlyNew, len(before), nil
}

// change is that of one figure of one point; not ok where the base has no figure.
func (t *Table) change(base *Table, r Rule, i, j int, outcomes, baseOutcomes func(ID) string) (c Change, ok bool, err error) {
	c = Change{Rule: r, Point: i, Base: base.Value(j, r.Metric), Value: t.Value(i, r.Metric)}
	if math.IsNaN(c.Base) {
		return c, false, nil
	}
	if math.IsNaN(c.Value) {
		c.Failed, c.Reason = true, "has no figure now"
		if e := t.Error(i); e != "" {
			c.Reason += ": " + e
		}
		c.By, c.Low, c.High = math.NaN(), math.NaN(), math.NaN()
		return c, true, nil
	}
	c.By = r.in(c.Value-c.Base, c.Base)
	c.Low, c.High = c.By, c.By
	if r.Metric == top1 && outcomes != nil && baseOutcomes != nil {
		if err := c.pair(t.ID(i), base.ID(j), outcomes, baseOutcomes); err != nil {
			return c, false, err
		}
	}
	if r.Up && c.Low > r.Limit || !r.Up && c.High < -r.Limit {
		c.Failed, c.Reason = true, r.text
	}
	return c, true, nil
}

// in is a change in the unit of the rule.
func (r Rule) in(by, base float64) float64 {
	switch r.Unit {
	case "%":
		if by == 0 {
			return 0
		}
		return 100 * by / math.Abs(base)
	case "pp":
		return 100 * by
	}
	return by
}

// pair takes the interval of a change of accuracy from the images on which both differ.
func (c *Change) pair(now, before ID, outcomes, baseOutcomes func(ID) string) error {
	a, b := outcomes(now), baseOutcomes(before)
	if a == "" || len(a) != len(b) {
		return nil
	}
	right, err := unpackBits(a)
	if err != nil {
		return err
	}
	old, err := unpackBits(b)
	if err != nil {
		return err
	}
	_, ci := stat.Paired(right, old)
	c.Low, c.High = c.Rule.in(ci[0], c.Base), c.Rule.in(ci[1], c.Base)
	return nil
}

// unpackBits reads what packBits writes, a few images more: those of the last byte, which
// nobody got right on either side.
func unpackBits(text string) ([]bool, error) {
	packed, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	out := make([]bool, 8*len(packed))
	for i := range out {
		out[i] = packed[i/8]>>(i%8)&1 == 1
	}
	return out, nil
}
