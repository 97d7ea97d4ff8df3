package arch

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/strict"
)

// quick is what settings do to a decoded document, for the keys of single values: to
// the value itself and to what was said about the old one. It takes the spellings that
// leave no doubt about what TOML would make of them.
type quick[T any] struct {
	spots map[string]spot
	// open holds the keys that the document leaves open among those that follow from
	// other values.
	open    map[string]bool
	remarks func(*T) (sources *map[string]string, unconfirmed *[]string)
}

// spot is the place of a value.
type spot struct {
	index    []int  // of the field
	table    string // with one source for all of its values, "" if it has none
	source   []int  // of the field with that source, where the document gives it
	constant bool
}

// given is the source of what was set on the command line.
var given = source(strict.Position{Set: "="})

// slow are keys that decide what others are by default.
var slow = []string{"schema", "kind", "engine", "technology_nm", "digital.technology_nm"}

// spotsOf finds the values of a struct. Keys of other engines are left out.
func spotsOf(t reflect.Type, engine Engine, tree *strict.Node) map[string]spot {
	spots := map[string]spot{}
	var walk func(t reflect.Type, table string, index []int)
	walk = func(t reflect.Type, table string, index []int) {
		own := spot{}
		if i, ok := strict.FieldsOf(t).Index["source"]; ok {
			own.table = table
			if tree.Find(table+".source") != nil {
				own.source = append(slices.Clone(index), i)
			}
		}
		for name, i := range strict.FieldsOf(t).Index {
			field, at := t.Field(i), own
			key := strings.TrimPrefix(table+"."+name, ".")
			only := field.Tag.Get("only")
			if only != "" && engine != "" && !belongs(only, engine) || name == "source" || slices.Contains(slow, key) {
				continue
			}
			at.index = append(slices.Clone(index), i)
			switch at.constant = field.Type == constantType; {
			case field.Type.Kind() == reflect.Struct && !at.constant:
				walk(field.Type, key, at.index)
			case field.Type.Kind() != reflect.Map && field.Type.Kind() != reflect.Slice:
				spots[key] = at
			}
		}
	}
	walk(t, "", nil)
	return spots
}

// set sets one key=value; it reports false for what it does not understand.
func (q *quick[T]) set(into *T, set string) bool {
	key, text, ok := cutSet(set)
	at, known := q.spots[key]
	if !ok || !known {
		return false
	}
	root := reflect.ValueOf(into).Elem()
	v := root.FieldByIndex(at.index)
	if at.constant {
		v.Field(1).SetString(given)
		v = v.Field(0)
	}
	if !setText(key, text, v, at.constant) {
		return false
	}
	if at.source != nil {
		root.FieldByIndex(at.source).SetString(given)
	}
	sources, unconfirmed := q.remarks(into)
	if at.table != "" {
		forget(at.table, *sources, unconfirmed)
	}
	forget(key, *sources, unconfirmed)
	return true
}

// forget withdraws what was said about the value at a key, as [catalog.merge] does.
func forget(key string, sources map[string]string, unconfirmed *[]string) {
	if sourceOf(key, sources) != "" {
		sources[key] = given
	}
	if i := slices.Index(*unconfirmed, key); i >= 0 {
		*unconfirmed = slices.DeleteFunc(*unconfirmed, func(k string) bool { return k == key })
		if len(*unconfirmed) == 0 {
			*unconfirmed = nil
		}
	}
}

// cutSet splits key=value; not ok is a value that needs a parser.
func cutSet(set string) (key, text string, ok bool) {
	key, text, ok = strings.Cut(set, "=")
	for i := range len(text) {
		c := text[i]
		if ok = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.IndexByte(" ._+-", c) >= 0; !ok {
			break
		}
	}
	return strings.Trim(key, " "), strings.Trim(text, " "), ok && text != ""
}

// named tells whether one of the settings is of this key.
func named(key string, set []string) bool {
	for _, one := range set {
		if at, _, _ := strings.Cut(one, "="); strings.Trim(at, " ") == key {
			return true
		}
	}
	return false
}

// setText stores a text without quotes, brackets and signs.
func setText(key, text string, v reflect.Value, constant bool) bool {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return true
	case reflect.Bool:
		v.SetBool(text == "true")
		return text == "true" || text == "false"
	}
	whole, number := spelled(text)
	switch {
	case whole:
		n, err := strconv.ParseInt(text, 10, 64)
		if v.CanFloat() {
			v.SetFloat(float64(n))
			return err == nil
		}
		v.SetInt(n)
		return err == nil && v.Int() == n
	case number:
		x, err := strconv.ParseFloat(text, 64)
		return err == nil && v.CanFloat() && setFloat(x, v)
	case constant:
		return false
	}
	x, _, ok := quantity(key, text)
	return ok && strict.SetNumber(x, v)
}

func setFloat(x float64, v reflect.Value) bool {
	v.SetFloat(x)
	return true
}

// spelled tells a number that TOML reads as a whole one, and one with a fraction or an
// exponent: digits without leading zeros, then .digits, then e±digits.
func spelled(text string) (whole, number bool) {
	rest := strings.TrimPrefix(text, "-")
	n := digitsIn(rest)
	if n == 0 || n > 18 || n > 1 && rest[0] == '0' {
		return false, false
	}
	if rest = rest[n:]; rest == "" {
		return true, true
	}
	if rest[0] == '.' {
		if n = digitsIn(rest[1:]); n == 0 {
			return false, false
		}
		rest = rest[1+n:]
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		if n = digitsIn(rest); n == 0 {
			return false, false
		}
		rest = rest[n:]
	}
	return false, rest == ""
}

func digitsIn(text string) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
