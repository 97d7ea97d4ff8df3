package replay

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// formula computes an integer from the values of the indices.
type formula func(env map[string]int64) (int64, error)

// levels are the binary operators from the loosest to the tightest.
var levels = [][]string{{"|"}, {"^"}, {"&"}, {"<<", ">>"}, {"+", "-"}, {"*", "/", "%"}}

var errDivide = errors.New("division by zero")

var operators = map[string]func(a, b int64) (int64, error){
	"|":  func(a, b int64) (int64, error) { return a | b, nil },
	"^":  func(a, b int64) (int64, error) { return a ^ b, nil },
	"&":  func(a, b int64) (int64, error) { return a & b, nil },
	"<<": func(a, b int64) (int64, error) { return a << uint64(b&63), nil },
	">>": func(a, b int64) (int64, error) { return a >> uint64(b&63), nil },
	"+":  func(a, b int64) (int64, error) { return a + b, nil },
	"-":  func(a, b int64) (int64, error) { return a - b, nil },
	"*":  func(a, b int64) (int64, error) { return a * b, nil },
	"/": func(a, b int64) (int64, error) {
		if b == 0 {
			return 0, errDivide
		}
		return a / b, nil
	},
	"%": func(a, b int64) (int64, error) {
		if b == 0 {
			return 0, errDivide
		}
		return a % b, nil
	},
}

// parser reads a formula from left to right.
type parser struct {
	text  string
	depth int
}

func parseFormula(text string) (formula, error) {
	p := &parser{text: text}
	f, err := p.binary(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.text != "" {
		return nil, fmt.Errorf("unexpected %q", p.text)
	}
	return f, nil
}

func (p *parser) space() { p.text = strings.TrimLeft(p.text, " \t") }

// accept skips one of the operators, if it comes next.
func (p *parser) accept(ops []string) string {
	p.space()
	for _, op := range ops {
		if rest, found := strings.CutPrefix(p.text, op); found {
			p.text = rest
			return op
		}
	}
	return ""
}

func (p *parser) binary(level int) (formula, error) {
	if level == len(levels) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		op := p.accept(levels[level])
		if op == "" {
			return left, nil
		}
		var right formula
		if right, err = p.binary(level + 1); err == nil {
			left = join(operators[op], left, right)
		}
	}
	return nil, err
}

func join(op func(a, b int64) (int64, error), left, right formula) formula {
	return func(env map[string]int64) (int64, error) {
		a, err := left(env)
		if err != nil {
			return 0, err
		}
		b, err := right(env)
		if err != nil {
			return 0, err
		}
		return op(a, b)
	}
}

func (p *parser) unary() (formula, error) {
	if p.depth++; p.depth > 100 {
		return nil, errors.New("formula is nested too deeply")
	}
	defer func() { p.depth-- }()
	switch p.accept([]string{"-", "("}) {
	case "-":
		f, err := p.unary()
		if err != nil {
			return nil, err
		}
		return join(operators["-"], constant(0), f), nil
	case "(":
		f, err := p.binary(0)
		if err == nil && p.accept([]string{")"}) == "" {
			err = errors.New("missing )")
		}
		return f, err
	}
	return p.operand()
}

func constant(n int64) formula {
	return func(map[string]int64) (int64, error) { return n, nil }
}

// operand reads a number, an index, or a number times an index as in 64i.
func (p *parser) operand() (formula, error) {
	word := p.word()
	if word == "" {
		return nil, fmt.Errorf("a number or an index must come before %q", p.text)
	}
	if word[0] >= 'a' && word[0] <= 'z' {
		return func(env map[string]int64) (int64, error) {
			n, found := env[word]
			if !found {
				return 0, fmt.Errorf("index %q has no range", word)
			}
			return n, nil
		}, nil
	}
	n, err := number(word)
	if err != nil {
		if last := len(word) - 1; last > 0 && word[last] >= 'g' && word[last] <= 'z' {
			if n, err := number(word[:last]); err == nil {
				p.text = word[last:] + p.text
				index, err := p.operand()
				return join(operators["*"], constant(n), index), err
			}
		}
		return nil, err
	}
	return constant(n), nil
}

// word cuts letters and digits from the front.
func (p *parser) word() string {
	p.space()
	end := 0
	for end < len(p.text) && (p.text[end] >= 'a' && p.text[end] <= 'z' || p.text[end] >= '0' && p.text[end] <= '9') {
		end++
	}
	word := p.text[:end]
	p.text = p.text[end:]
	return word
}

// number reads decimal and hexadecimal numbers with a suffix of scale.
func number(word string) (int64, error) {
	scale := int64(1)
	for _, s := range []struct {
		suffix string
		scale  int64
	}{{"ki", 1 << 10}, {"mi", 1 << 20}, {"gi", 1 << 30}, {"k", 1000}, {"m", 1e6}, {"g", 1e9}} {
		if rest, found := strings.CutSuffix(word, s.suffix); found && rest != "" {
			word, scale = rest, s.scale
			break
		}
	}
	n, err := strconv.ParseInt(word, 0, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no number", word)
	}
	return n * scale, nil
}
