package arch

import (
	"bufio"
	"fmt"
	"io"
	"reflect"
	"strings"

	"bitcycle/internal/strict"
)

// Encode writes the complete machine as TOML: every key of its engine, every
// default filled, each constant with its source, the sources of other values in
// the table sources. Unconfirmed values carry a comment. [Load] of that text
// gives the same machine.
func Encode(w io.Writer, a *Accelerator) error {
	return encode(w, a.Engine, reflect.ValueOf(*a), a.Unconfirmed)
}

func encode(w io.Writer, engine Engine, v reflect.Value, unconfirmed []string) error {
	e := &encoder{w: bufio.NewWriter(w), engine: engine, doubtful: map[string]bool{}}
	for _, key := range unconfirmed {
		e.doubtful[key] = true
	}
	e.table("", v)
	return e.w.Flush()
}

type encoder struct {
	w        *bufio.Writer
	engine   Engine
	doubtful map[string]bool
}

// table writes the values of a struct, then its tables.
func (e *encoder) table(prefix string, v reflect.Value) {
	var tables []int
	started := prefix == ""
	for i := range v.NumField() {
		field := v.Type().Field(i)
		key := field.Tag.Get("toml")
		if only := field.Tag.Get("only"); only != "" && e.engine != "" && !belongs(only, e.engine) {
			continue
		}
		if isTable(field.Type) {
			tables = append(tables, i)
			continue
		}
		text := literal(v.Field(i))
		if text == "" {
			continue
		}
		if !started {
			e.header(prefix)
			started = true
		}
		fmt.Fprintf(e.w, "%s = %s%s\n", key, text, e.remark(prefix+key))
	}
	for _, i := range tables {
		key := prefix + v.Type().Field(i).Tag.Get("toml")
		if field := v.Field(i); field.Kind() == reflect.Map {
			e.texts(key, field)
		} else {
			e.table(key+".", field)
		}
	}
}

func (e *encoder) header(prefix string) {
	key := strings.TrimSuffix(prefix, ".")
	fmt.Fprintf(e.w, "\n[%s]%s\n", key, e.remark(key))
}

func (e *encoder) remark(key string) string {
	if e.doubtful[key] {
		return " # UNCONFIRMED"
	}
	return ""
}

// texts writes a map of strings as a table with quoted keys.
func (e *encoder) texts(key string, v reflect.Value) {
	texts := v.Interface().(map[string]string)
	if len(texts) == 0 {
		return
	}
	e.header(key)
	for _, name := range keysOf(texts) {
		fmt.Fprintf(e.w, "%s = %s\n", strict.Quote(name), strict.Quote(texts[name]))
	}
}

func isTable(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t != constantType || t == reflect.TypeFor[map[string]string]()
}

// literal writes a value in TOML; "" for an absent constant.
func literal(v reflect.Value) string {
	switch value := v.Interface().(type) {
	case Constant:
		if value == (Constant{}) {
			return ""
		}
		return "{ value = " + strict.FormatFloat(value.Value) + ", source = " + strict.Quote(value.Source) + " }"
	case float64:
		return strict.FormatFloat(value)
	case map[string]float64:
		if len(value) == 0 {
			return ""
		}
		items := make([]string, 0, len(value))
		for _, key := range keysOf(value) {
			items = append(items, strict.Quote(key)+" = "+strict.FormatFloat(value[key]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	switch v.Kind() {
	case reflect.String:
		return strict.Quote(v.String())
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = literal(v.Index(i))
		}
		if flat := "[" + strings.Join(items, ", ") + "]"; len(flat) <= 100 {
			return flat
		}
		return "[\n  " + strings.Join(items, ",\n  ") + ",\n]"
	}
	return fmt.Sprint(v.Interface())
}
