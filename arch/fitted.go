package arch

import (
	"reflect"
	"slices"
	"strings"

	"bitcycle/internal/strict"
)

// fittedTo begins the sources of constants that were found on measured rows.
const fittedTo = "fitted to"

// Fitted lists the keys of the machine's constants that were fitted to measured figures,
// sorted: values, or tables with one source.
func (a *Accelerator) Fitted() []string {
	var keys []string
	for key, source := range a.Sources {
		if strings.HasPrefix(source, fittedTo) {
			keys = append(keys, key)
		}
	}
	keys = append(keys, fittedBelow("", reflect.ValueOf(a).Elem())...)
	slices.Sort(keys)
	return slices.Compact(keys)
}

// fittedBelow lists constants and tables below a table that say their own source.
func fittedBelow(prefix string, table reflect.Value) (keys []string) {
	for name, i := range strict.FieldsOf(table.Type()).Index {
		v, key := table.Field(i), prefix+name
		switch {
		case v.Type() == constantType:
			if strings.HasPrefix(v.Interface().(Constant).Source, fittedTo) {
				keys = append(keys, key)
			}
		case v.Kind() == reflect.Struct:
			keys = append(keys, fittedBelow(key+".", v)...)
		case name == "source" && v.Kind() == reflect.String && strings.HasPrefix(v.String(), fittedTo):
			keys = append(keys, strings.TrimSuffix(prefix, "."))
		}
	}
	return keys
}
