package arch

import (
	"reflect"
	"slices"
	"strings"
)

// Source tells where the value at a key comes from: its own entry in Sources or
// that of the nearest table above it; "" when nobody said.
func (a *Accelerator) Source(key string) string {
	return a.Sources[sourceOf(key, func(k string) bool { return a.Sources[k] != "" })]
}

// Doubtful reports whether the value at a key is unconfirmed.
func (a *Accelerator) Doubtful(key string) bool { return slices.Contains(a.Unconfirmed, key) }

// keyExists reports whether a machine has the key: a value or a table.
func keyExists(key string) bool {
	t := reflect.TypeFor[Accelerator]()
	for part := range strings.SplitSeq(key, ".") {
		switch {
		case t.Kind() == reflect.Map:
			t = t.Elem()
			continue
		case t.Kind() != reflect.Struct || t == constantType:
			return false
		}
		i, ok := fieldsOf(t).index[part]
		if !ok {
			return false
		}
		t = t.Field(i).Type
	}
	return true
}
