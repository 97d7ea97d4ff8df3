package strict

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// The most that a message shows of a value, in bytes.
const (
	longText = 120
	longList = 60
)

// Format writes a value as TOML would, for a message: long ones are cut.
func Format(v any) string {
	switch v := v.(type) {
	case string:
		return formatText(v)
	case float64:
		return FormatFloat(v)
	case map[string]any, nil:
		return "a table"
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.String:
		return formatText(r.String())
	case reflect.Slice:
		return formatList(r)
	}
	return fmt.Sprint(v)
}

func formatText(text string) string {
	if len(text) > longText {
		text = strings.ToValidUTF8(text[:longText], "") + "…"
	}
	return Quote(text)
}

func formatList(list reflect.Value) string {
	var b strings.Builder
	b.WriteByte('[')
	for i := range list.Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		if b.Len() > longList {
			b.WriteString("…")
			break
		}
		b.WriteString(Format(list.Index(i).Interface()))
	}
	b.WriteByte(']')
	return b.String()
}

// Quote writes a basic TOML string.
func Quote(text string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r >= 0x7f && r < 0xa0:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// FormatFloat writes a number so that TOML reads the same float back: whole
// thousands of a million with an exponent, other values in full.
func FormatFloat(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(x, 'g', -1, 64), "+"))
	}
	for _, unit := range []float64{1e9, 1e6} {
		short := strconv.FormatFloat(x/unit, 'f', -1, 64) + "e" + strconv.Itoa(int(math.Log10(unit)))
		back, err := strconv.ParseFloat(short, 64)
		if x >= unit && len(short) <= 8 && err == nil && back == x {
			return short
		}
	}
	text := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

// sortedKeys are the keys of a table in the order of their places.
func sortedKeys(n map[string]*Node) []string {
	keys := make([]string, 0, len(n))
	for key := range n {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := n[a].At.before(n[b].At); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return keys
}
