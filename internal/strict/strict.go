// Package strict reads TOML files strictly: an unknown key, a value of the
// wrong type or out of range is an error that names file, line, key and value,
// and says what is allowed.
package strict

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// File is a TOML document and what it takes to point into it.
type File struct {
	Path string // as the user wrote it
	text string
	keys []keyLine
	meta toml.MetaData
}

// keyLine is where a key is set: the table it belongs to, which one of an array
// of tables that is, the key itself and its value as written.
type keyLine struct {
	table string
	index int
	key   string
	value string
	line  int
}

// Read reads the file at path.
func Read(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return New(path, data), nil
}

// New makes a File of a document; path is what errors call it.
func New(path string, data []byte) *File {
	f := &File{Path: path, text: string(data)}
	table, index := "", map[string]int{}
	for i, line := range strings.Split(f.text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && !strings.Contains(line, "=") {
			table = strings.TrimSpace(strings.Trim(strings.SplitN(line, "#", 2)[0], "[] \t"))
			f.keys = append(f.keys, keyLine{table: table, index: index[table], line: i + 1})
			index[table]++
			continue
		}
		key, value, found := strings.Cut(line, "=")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		value = strings.TrimSpace(strings.SplitN(value, " #", 2)[0])
		f.keys = append(f.keys, keyLine{table, max(index[table]-1, 0), strings.Trim(strings.TrimSpace(key), `"'`), value, i + 1})
	}
	return f
}

// Decode fills v, a pointer to a struct. All problems of one kind are reported
// at once.
func (f *File) Decode(v any) error {
	var err error
	if f.meta, err = toml.Decode(f.text, v); err != nil {
		return f.decodeError(err)
	}
	var errs []error
	seen := map[string]bool{}
	for _, key := range f.meta.Undecoded() {
		if path := key.String(); !seen[path] && !seen[parent(path)] {
			seen[path] = true
			errs = append(errs, f.unknown(key, reflect.TypeOf(v)))
		}
	}
	return errors.Join(errs...)
}

func parent(path string) string { return path[:max(strings.LastIndex(path, "."), 0)] }

// Has tells whether a key is set, for example Has("input", "mean").
func (f *File) Has(key ...string) bool { return f.meta.IsDefined(key...) }

// Error reports a rule that the value of a key breaks. Tables outside arrays
// have index 0; the document itself is the table "". A key that is not set is
// reported at the line of its table.
func (f *File) Error(table string, index int, key, rule string, args ...any) error {
	broken := fmt.Errorf(rule, args...)
	header := 0
	for _, k := range f.keys {
		if k.table != table || k.index != index {
			continue
		}
		if k.key == key && key != "" {
			return fmt.Errorf("%s:%d: %s = %s: %w", f.Path, k.line, key, short(k.value), broken)
		}
		if k.key == "" {
			header = k.line
		}
	}
	if key != "" {
		broken = fmt.Errorf("%s: %w", key, broken)
	}
	if header == 0 {
		return fmt.Errorf("%s: %w", f.Path, broken)
	}
	return fmt.Errorf("%s:%d: %w", f.Path, header, broken)
}

func short(value string) string {
	if len(value) > 60 {
		return value[:57] + "..."
	}
	return value
}

var lineError = regexp.MustCompile(`^toml: line (\d+)(?: \(last key "([^"]*)"\))?: (?s:(.*))$`)

var wrongType = regexp.MustCompile(`^incompatible types: TOML value has type (\S+); destination has type (\S+)$`)

// decodeError puts an error of the TOML reader in the form file:line: key = value: rule.
func (f *File) decodeError(err error) error {
	m := lineError.FindStringSubmatch(err.Error())
	if m == nil {
		return fmt.Errorf("%s: %s", f.Path, strings.TrimPrefix(err.Error(), "toml: "))
	}
	line, _ := strconv.Atoi(m[1])
	rule := strings.TrimSuffix(m[3], ".")
	if t := wrongType.FindStringSubmatch(rule); t != nil {
		rule = fmt.Sprintf("must be %s, not %s", kindName(t[2]), kindName(t[1]))
	}
	var syntax toml.ParseError
	if errors.As(err, &syntax) && !strings.Contains(rule, "out of range") {
		return fmt.Errorf("%s:%d: %s", f.Path, line, rule)
	}
	for _, k := range f.keys {
		if k.line == line && k.key != "" {
			return fmt.Errorf("%s:%d: %s = %s: %s", f.Path, line, k.key, short(k.value), rule)
		}
	}
	return fmt.Errorf("%s:%d: %s", f.Path, line, rule)
}

// kindName puts the type names of the TOML reader in the user's words.
func kindName(name string) string {
	switch strings.TrimSuffix(name, "64") {
	case "int", "integer", "uint8", "uint", "int32":
		return "a whole number"
	case "float", "float32":
		return "a number"
	case "string":
		return "a string"
	case "bool", "boolean":
		return "true or false"
	}
	if strings.HasPrefix(name, "[]") || name == "slice" || name == "array" {
		return "a list"
	}
	return "a " + name
}

func (f *File) unknown(key toml.Key, t reflect.Type) error {
	last := key[len(key)-1]
	table := strings.Join(key[:len(key)-1], ".")
	message := fmt.Sprintf("no key %q", key.String())
	if guess := Guess(last, fields(t, key[:len(key)-1])); guess != "" {
		message += fmt.Sprintf(" (did you mean %q?)", guess)
	}
	for _, k := range f.keys {
		if k.table == table && k.key == last || k.table == key.String() && k.key == "" {
			return fmt.Errorf("%s:%d: %s", f.Path, k.line, message)
		}
	}
	return fmt.Errorf("%s: %s", f.Path, message)
}

// fields lists the keys of the table at path within the type t.
func fields(t reflect.Type, path []string) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("toml"), ",")
		if name == "" {
			name = strings.ToLower(t.Field(i).Name)
		}
		if len(path) > 0 && name == path[0] {
			return fields(t.Field(i).Type, path[1:])
		}
		names = append(names, name)
	}
	if len(path) > 0 {
		return nil
	}
	return names
}

// Guess returns the word of a list that is most like the given one, "" if none
// is within a third of its letters.
func Guess(word string, list []string) string {
	best, least := "", max(len(word)/3, 1)+1
	for _, w := range list {
		if d := distance(word, w); d < least {
			best, least = w, d
		}
	}
	return best
}

// distance is the number of letters to insert, drop, replace or swap with their
// neighbour to turn a into b (Damerau 1964, restricted).
func distance(a, b string) int {
	prev2, prev := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur := make([]int, len(b)+1)
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev = prev, cur
	}
	return prev[len(b)]
}
