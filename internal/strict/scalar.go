package strict

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"unicode"
)

// scalar stores a leaf in a string, number or bool.
func (d *Decoder) scalar(key string, n *Node, v reflect.Value) {
	if d.Set(key, n, v) {
		return
	}
	want := "want " + Wanted(v)
	if _, ok := n.Leaf.(string); ok && v.Kind() == reflect.String {
		want += " without control characters"
	}
	if text, ok := n.Leaf.(string); ok && d.Unit != nil {
		if _, hint, _ := d.Unit(key, text); hint != "" {
			want += " " + hint
		}
	}
	d.Value(n.At, key, n.plain(), want+outside(n.Leaf, v))
}

// Set stores a leaf in a string, number or bool; it reports false when the types do
// not fit.
func (d *Decoder) Set(key string, n *Node, v reflect.Value) bool {
	return n.Table == nil && n.List == nil && d.set(key, n.Leaf, n.At, v)
}

func (d *Decoder) set(key string, leaf any, at Position, v reflect.Value) bool {
	switch leaf := leaf.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(leaf)
			return !strings.ContainsFunc(leaf, harmful)
		}
		if d.Unit != nil {
			if x, _, ok := d.Unit(key, leaf); ok {
				return SetNumber(x, v)
			}
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(leaf)
			return true
		}
	case int64:
		switch {
		case v.CanInt():
			if !v.OverflowInt(leaf) {
				v.SetInt(leaf)
				return true
			}
		case v.CanUint():
			if leaf >= 0 && !v.OverflowUint(uint64(leaf)) {
				v.SetUint(uint64(leaf))
				return true
			}
		case v.CanFloat():
			v.SetFloat(float64(leaf))
			return true
		}
	case float64:
		if v.CanFloat() && !math.IsNaN(leaf) && !math.IsInf(leaf, 0) && !v.OverflowFloat(leaf) {
			v.SetFloat(leaf)
			return true
		}
	}
	if v.Kind() == reflect.String && at.Set != "" { // --set name=8, --set memory.out_bits=32
		_, text, _ := strings.Cut(at.Set, "=")
		v.SetString(strings.TrimSpace(text))
		return !strings.ContainsFunc(text, harmful)
	}
	return false
}

// harmful tells the characters that a terminal obeys: none of them is part of a name.
func harmful(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

// SetNumber stores a number in a float, or a whole one in an integer; it reports false
// where it does not fit.
func SetNumber(x float64, v reflect.Value) bool {
	switch {
	case v.CanFloat():
		v.SetFloat(x)
		return true
	case v.CanInt():
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 && !v.OverflowInt(int64(x)) {
			v.SetInt(int64(x))
			return true
		}
	}
	return false
}

// outside completes the complaint about a whole number that its type cannot hold.
func outside(leaf any, v reflect.Value) string {
	n, ok := leaf.(int64)
	if !ok || !v.CanInt() && !v.CanUint() {
		return ""
	}
	bits, least, most := v.Type().Bits(), int64(0), int64(math.MaxInt64)
	switch {
	case v.CanInt():
		most >>= 64 - bits
		least = -most - 1
	case bits < 64:
		most = 1<<bits - 1
	}
	return fmt.Sprintf(" from %d to %d: %d is not", least, most, n)
}

// Wanted says what a field takes.
func Wanted(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.String:
		return "a string"
	case v.Kind() == reflect.Bool:
		return "true or false"
	case v.CanInt() || v.CanUint():
		return "a whole number"
	case v.CanFloat():
		return "a finite number"
	case v.Kind() == reflect.Slice:
		return "a list"
	}
	return "a table"
}
