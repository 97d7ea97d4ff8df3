package replay

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// maxBursts bounds the length of a trace made from a rule.
const maxBursts = 1 << 24

// ParseRule expands a trace written as a rule: an address formula, the range
// of each index (the first varies slowest), and what the bursts do.
//
//	addr=64*i, i=0..16383, reads
//	addr=8192*j + 64*i, j=0..15, i=0..127, writes
//	addr=64*(i/128*64 + i%64) + (i/64%2)*0x1000000, i=0..8191, write=i/64%2
//	addr=64*i, i=0..8191, 64 reads then 64 writes
//	addr=64*i, i=0..99, reads, arrive=10*i
//
// Formulas know + − * / % << >> & | ^ ( ) and numbers with the suffixes k, Ki,
// M, Mi, G and Gi; division rounds toward zero.
func ParseRule(rule string) ([]Burst, error) {
	r, err := readRule(rule)
	if err != nil {
		return nil, err
	}
	count := int64(1)
	for _, x := range r.indices {
		n := x.last - x.first + 1
		if n < 1 || n > maxBursts/count {
			return nil, fmt.Errorf("trace_rule: %s=%d..%d: must give 1 to %d bursts in all", x.name, x.first, x.last, maxBursts)
		}
		count *= n
	}
	trace := make([]Burst, count)
	env := map[string]int64{}
	for i := range trace {
		rest := int64(i)
		for j := len(r.indices) - 1; j >= 0; j-- {
			x := r.indices[j]
			n := x.last - x.first + 1
			env[x.name] = x.first + rest%n
			rest /= n
		}
		if trace[i], err = r.burst(int64(i), env); err != nil {
			return nil, fmt.Errorf("trace_rule: %w", err)
		}
	}
	return trace, nil
}

// index is a loop of a rule.
type index struct {
	name        string
	first, last int64
}

type traceRule struct {
	addr, write, arrive formula
	indices             []index
	reads, writes       int64 // alternating runs, if write is nil
}

func (r *traceRule) burst(i int64, env map[string]int64) (Burst, error) {
	addr, err := r.addr(env)
	if err != nil {
		return Burst{}, err
	}
	if addr < 0 {
		return Burst{}, fmt.Errorf("addr = %d at burst %d: must not be negative", addr, i)
	}
	b := Burst{Addr: uint64(addr), Write: i%(r.reads+r.writes) >= r.reads}
	if r.write != nil {
		w, err := r.write(env)
		if err != nil {
			return b, err
		}
		b.Write = w != 0
	}
	if r.arrive != nil {
		b.Arrive, err = r.arrive(env)
	}
	return b, err
}

var (
	rangePattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([a-z])\s*(?:=|in)\s*([^.]+?)\s*\.\.\s*([^.]+)$`) })
	runsPattern  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^(\d+)\s*(?:r|reads?)\s*(?:then|and|/|\+)\s*(\d+)\s*(?:w|writes?)$`)
	})
)

func readRule(rule string) (*traceRule, error) {
	r := &traceRule{reads: 1}
	for _, clause := range strings.Split(rule, ",") {
		clause = strings.ToLower(strings.TrimSpace(clause))
		if err := r.add(clause); err != nil {
			return nil, fmt.Errorf("trace_rule: %q: %w", clause, err)
		}
	}
	if r.addr == nil || len(r.indices) == 0 {
		return nil, fmt.Errorf("trace_rule = %q: must have an address and an index, like \"addr=64*i, i=0..16383, reads\"", rule)
	}
	return r, nil
}

// add reads one clause of a rule.
func (r *traceRule) add(clause string) (err error) {
	key, value, _ := strings.Cut(clause, "=")
	switch key = strings.TrimSpace(key); {
	case clause == "read" || clause == "reads":
		r.reads, r.writes = 1, 0
	case clause == "write" || clause == "writes":
		r.reads, r.writes = 0, 1
	case key == "addr":
		r.addr, err = parseFormula(value)
	case key == "write":
		r.write, err = parseFormula(value)
	case key == "arrive":
		r.arrive, err = parseFormula(value)
	default:
		if m := runsPattern().FindStringSubmatch(clause); m != nil {
			return r.addRuns(m[1], m[2])
		}
		return r.addIndex(clause)
	}
	return err
}

func (r *traceRule) addRuns(reads, writes string) (err error) {
	if r.reads, err = strconv.ParseInt(reads, 10, 32); err != nil {
		return err
	}
	if r.writes, err = strconv.ParseInt(writes, 10, 32); err != nil {
		return err
	}
	if r.reads+r.writes == 0 {
		return fmt.Errorf("must have a read or a write")
	}
	return nil
}

func (r *traceRule) addIndex(clause string) error {
	m := rangePattern().FindStringSubmatch(clause)
	if m == nil {
		return fmt.Errorf("must be addr=…, i=first..last, reads, writes, \"64 reads then 64 writes\", write=… or arrive=…")
	}
	x := index{name: m[1]}
	for _, end := range []struct {
		text string
		to   *int64
	}{{m[2], &x.first}, {m[3], &x.last}} {
		f, err := parseFormula(end.text)
		if err != nil {
			return err
		}
		if *end.to, err = f(nil); err != nil {
			return err
		}
	}
	r.indices = append(r.indices, x)
	return nil
}
