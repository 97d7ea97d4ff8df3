package sweep

import (
	"fmt"
	"strconv"
	"strings"
)

// Shard runs every so many-th span of a plan on this machine, so that independent
// processes, each with its own folder, share a sweep without talking to each other.
type Shard struct {
	Index, Of int
	Local
}

// ParseShard reads I/N, I from 0 to N − 1.
func ParseShard(text string) (s Shard, err error) {
	i, n, ok := strings.Cut(text, "/")
	if ok {
		s.Index, err = strconv.Atoi(i)
	}
	if err == nil && ok {
		s.Of, err = strconv.Atoi(n)
	}
	if !ok || err != nil || s.Of < 1 || s.Index < 0 || s.Index >= s.Of {
		return s, fmt.Errorf("want I/N with I from 0 to N − 1, such as 0/4")
	}
	return s, nil
}

// shardSpan is how many points a shard takes together: enough to bring work for neighbours
// to one machine, few enough to spread what is slow.
const shardSpan = 64

// Part are the spans of all points that belong to the shard, in which [Run] has it run.
func (s Shard) Part(p *Plan) []Span {
	var part []Span
	for k, span := range p.Spans([]Span{{0, p.Len()}}, min(shardSpan, max(p.Len()/(4*s.Of), 1))) {
		if k%s.Of == s.Index {
			part = append(part, span)
		}
	}
	return part
}

// intersect are the points in both of two ascending lists of spans.
func intersect(a, b []Span) []Span {
	var out []Span
	for len(a) > 0 && len(b) > 0 {
		if s := (Span{max(a[0].From, b[0].From), min(a[0].To, b[0].To)}); s.From < s.To {
			out = append(out, s)
		}
		if a[0].To < b[0].To {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}
