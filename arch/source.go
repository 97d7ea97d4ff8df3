package arch

import (
	"reflect"
	"slices"
	"strings"

	"bitcycle/internal/strict"
)

// Source tells where the value at a key comes from: its own entry in Sources or
// that of the nearest table above it; "" when nobody said.
func (a *Accelerator) Source(key string) string { return a.Sources[sourceOf(key, a.Sources)] }

// Doubtful reports whether the value at a key is unconfirmed.
func (a *Accelerator) Doubtful(key string) bool { return slices.Contains(a.Unconfirmed, key) }

// typeOf returns the type of the value or table at a dotted key.
func (c *catalog) typeOf(key string) (reflect.Type, bool) {
	t := c.root
	for part := range strings.SplitSeq(key, ".") {
		switch {
		case t.Kind() == reflect.Map:
			t = t.Elem()
			continue
		case t.Kind() != reflect.Struct || t == constantType:
			return nil, false
		}
		i, ok := strict.FieldsOf(t).Index[part]
		if !ok {
			return nil, false
		}
		t = t.Field(i).Type
	}
	return t, true
}

// hasSource reports whether a key is a table that names one source for its values.
func (c *catalog) hasSource(key string) bool {
	t, ok := c.typeOf(key)
	if !ok || t.Kind() != reflect.Struct || t == constantType {
		return false
	}
	_, ok = strict.FieldsOf(t).Index["source"]
	return ok
}

// checkKeys wants the keys of sources to exist, and those called unconfirmed to
// be values or tables with one source.
func (c *catalog) checkKeys(of *map[string]string, unconfirmed *[]string) []*KeyError {
	r, sources := &rules{}, *of
	for _, key := range keysOf(sources) {
		_, ok := c.typeOf(key)
		check(r, ok, "sources."+key, sources[key], "there is no key "+strict.Quote(key))
		check(r, sources[key] != "", "sources."+key, "", "must not be empty")
	}
	for _, key := range *unconfirmed {
		t, ok := c.typeOf(key)
		value := ok && (t.Kind() != reflect.Struct || t == constantType || c.hasSource(key))
		check(r, value, "unconfirmed", key, "there is no such value")
	}
	return r.broken
}
