// Package parquet writes the results of a sweep as an Apache Parquet file.
package parquet

import (
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/snappy"

	"bitcycle/sim/sweep"
)

// File is the name of the file in a result folder.
const File = "results.parquet"

// column is a column of the file: how its name and type are written, and its value of a
// point, nil where there is none.
type column struct {
	name  string
	kind  reflect.Type
	tag   string
	value func(i int) any
}

// Write writes every point, with the columns of results.csv. Dots in names are
// underscores: "array_rows". Keys of numbers are numbers, figures that a point lacks are
// null.
func Write(w io.Writer, t *sweep.Table) error {
	columns := columnsOf(t)
	fields := make([]reflect.StructField, len(columns))
	for k, c := range columns {
		fields[k] = reflect.StructField{Name: "C" + strconv.Itoa(k), Type: c.kind, Tag: reflect.StructTag(`parquet:"` + c.name + c.tag + `"`)}
	}
	row := reflect.StructOf(fields)
	out := parquet.NewWriter(w, parquet.SchemaOf(reflect.New(row).Interface()), parquet.Compression(&snappy.Codec{}))
	for i := range t.Len() {
		v := reflect.New(row).Elem()
		for k, c := range columns {
			x := c.value(i)
			if x == nil {
				continue
			}
			if f := v.Field(k); f.Kind() == reflect.Pointer {
				f.Set(reflect.New(f.Type().Elem()))
				f.Elem().Set(reflect.ValueOf(x))
			} else {
				f.Set(reflect.ValueOf(x))
			}
		}
		if err := out.Write(v.Interface()); err != nil {
			return err
		}
	}
	return out.Close()
}

func columnsOf(t *sweep.Table) []column {
	text, number := reflect.TypeFor[*string](), reflect.TypeFor[*float64]()
	columns := []column{{"id", reflect.TypeFor[string](), "", func(i int) any { return t.ID(i).String() }}}
	for k, key := range t.Keys {
		columns = append(columns, keyColumn(t, k, strings.ReplaceAll(key, ".", "_")))
	}
	for _, m := range t.Metrics {
		columns = append(columns, column{sweep.Metrics[m].Key, number, ",optional", func(i int) any {
			if x := t.Value(i, m); !math.IsNaN(x) {
				return x
			}
			return nil
		}})
	}
	columns = append(columns,
		column{"on_front", reflect.TypeFor[bool](), "", func(i int) any { return t.OnFront(i) }},
		column{"dominated_by", text, ",optional", func(i int) any {
			if d := t.DominatedBy(i); d >= 0 {
				return t.ID(d).String()
			}
			return nil
		}})
	for _, c := range []struct {
		name string
		of   func(int) string
	}{{"misses", t.Misses}, {"error", t.Error}, {"note", t.Note}} {
		columns = append(columns, column{c.name, text, ",optional,dict", func(i int) any { return orNil(c.of(i)) }})
	}
	return append(columns, besideColumns(t)...)
}

// besideColumns are those of sweeps with measured figures.
func besideColumns(t *sweep.Table) (columns []column) {
	text := reflect.TypeFor[*string]()
	for k, m := range t.Measured {
		columns = append(columns, column{"measured_" + sweep.Metrics[m].Key, reflect.TypeFor[*float64](), ",optional", func(i int) any {
			if x := t.Beside(i).Measured[k]; !math.IsNaN(x) {
				return x
			}
			return nil
		}})
	}
	if len(columns) == 0 {
		return nil
	}
	columns = append(columns, column{"measured_rows", reflect.TypeFor[int64](), "", func(i int) any { return int64(t.Beside(i).Rows) }})
	for _, c := range []struct {
		name string
		of   func(b *sweep.Beside) string
	}{
		{"measured_source", func(b *sweep.Beside) string { return b.Source }},
		{"kernel", func(b *sweep.Beside) string { return b.Kernel }},
		{"fit", func(b *sweep.Beside) string { return b.Fit }},
		{"room", func(b *sweep.Beside) string { return b.Room }},
		{"energy_source", func(b *sweep.Beside) string { return b.Energy }},
	} {
		columns = append(columns, column{c.name, text, ",optional,dict", func(i int) any { return orNil(c.of(t.Beside(i))) }})
	}
	return columns
}

func orNil(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// keyColumn is of whole numbers, of numbers or of text, as its values are.
func keyColumn(t *sweep.Table, k int, name string) column {
	whole, number := true, true
	for i := range t.Len() {
		v := t.Values(i)[k]
		if v == "" {
			continue
		}
		_, err := strconv.ParseInt(v, 10, 64)
		whole = whole && err == nil
		_, err = strconv.ParseFloat(v, 64)
		number = number && err == nil
	}
	switch {
	case whole:
		return column{name, reflect.TypeFor[*int64](), ",optional", func(i int) any {
			if n, err := strconv.ParseInt(t.Values(i)[k], 10, 64); err == nil {
				return n
			}
			return nil
		}}
	case number:
		return column{name, reflect.TypeFor[*float64](), ",optional", func(i int) any {
			if x, err := strconv.ParseFloat(t.Values(i)[k], 64); err == nil {
				return x
			}
			return nil
		}}
	}
	return column{name, reflect.TypeFor[*string](), ",optional,dict", func(i int) any { return orNil(t.Values(i)[k]) }}
}
