package golden

import (
	"encoding/json"
	"math"
)

// output decodes an output of a form of its own and counts it as compared;
// false if the case does not have it.
func (c *Case) output(name string, want any) bool {
	raw, ok := c.out[name]
	if !ok {
		return false
	}
	c.seen[name] = true
	if err := json.Unmarshal(raw, want); err != nil {
		c.fail("output %s: %v", name, err)
		return false
	}
	return true
}

// wanted returns the numbers of an output and counts it as compared.
func (c *Case) wanted(name string) (want []float64, ok bool) {
	var raw json.RawMessage
	if !c.output(name, &raw) {
		return nil, false
	}
	want, err := numbers(raw)
	if err != nil {
		c.fail("output %s: %v", name, err)
	}
	return want, err == nil
}

// close compares numbers with an output at the case's tolerance. An output that
// the case does not have is no comparison.
func (c *Case) close(name string, got ...float64) {
	if want, ok := c.wanted(name); ok {
		c.near(name, want, got)
	}
}

// near compares numbers at the case's tolerance.
func (c *Case) near(what string, want, got []float64) {
	if len(got) != len(want) {
		c.fail("output %s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		distance := math.Abs(got[i] - want[i])
		if !c.absolute {
			distance /= 1 + math.Abs(want[i])
		}
		if math.IsNaN(distance) {
			distance = math.Inf(1)
		}
		c.largest = max(c.largest, distance)
		c.bitwise = c.bitwise && got[i] == want[i]
		if distance > c.tolerance {
			c.fail("output %s[%d] = %v, want %v", what, i, got[i], want[i])
		}
	}
}

// equal compares integers and decisions with an output: none may differ.
func (c *Case) equal(name string, got ...int) {
	want, ok := c.wanted(name)
	if !ok {
		return
	}
	numbers := make([]float64, len(got))
	for i, g := range got {
		numbers[i] = float64(g)
	}
	c.same(name, want, numbers)
}

// same compares numbers that must not differ at all.
func (c *Case) same(what string, want, got []float64) {
	if len(got) != len(want) {
		c.fail("output %s: %d numbers, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if got[i] == want[i] {
			continue
		}
		c.largest = max(c.largest, math.Abs(got[i]-want[i]))
		c.decided, c.bitwise = false, false
		c.fail("output %s[%d] = %v, want %v", what, i, got[i], want[i])
	}
}
