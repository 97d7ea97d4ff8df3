package schematest

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/strict"
)

// Document is a kind of TOML document.
type Document struct {
	Title, About string
	Type         reflect.Type
	// Cases are its engines or kinds, each with the values of a document that is silent
	// and what its checks hold keys to.
	Cases []Case
	// Before are keys that are read before the type is.
	Before Properties
	// Units lists what may follow a number in a text for a key; nil where a number is all.
	Units func(key string) []string
	// Default says in words where the default of a key comes from; "" where it is a value.
	Default func(key string) string
	// Own are types with a form of their own.
	Own map[reflect.Type]func(*strict.Held) *Node
	// Conditions are rules between keys.
	Conditions []*Node
}

// Case is one engine or kind.
type Case struct {
	Name  string
	Value reflect.Value // invalid where defaults are in Holds
	Holds strict.Holds
}

// Build makes the schema of a document. A key without a comment fails the test.
func Build(t testing.TB, doc *Document) *Node {
	t.Helper()
	b := &builder{t, doc, newComments(t)}
	values := make([]reflect.Value, len(doc.Cases))
	for i, c := range doc.Cases {
		values[i] = c.Value
	}
	n := b.table(doc.Type, "", values)
	n.Schema, n.Title, n.Description = "http://json-schema.org/draft-07/schema#", doc.Title, doc.About
	n.Properties = append(slices.Clone(doc.Before), n.Properties...)
	n.AllOf = doc.Conditions
	return n
}

// mustBe is the default of a key that has none.
const mustBe = "default: must be given"

type builder struct {
	t        testing.TB
	doc      *Document
	comments *comments
}

// table describes a struct. values are its values in each case.
func (b *builder) table(typ reflect.Type, prefix string, values []reflect.Value) *Node {
	about, said := b.comments.of(typ)
	n := &Node{Type: "object", Additional: false, Description: plain(typeAbout(about, typ), typ)}
	for _, key := range fieldKeys(typ) {
		field := typ.Field(strict.FieldsOf(typ).Index[key])
		inner := make([]reflect.Value, len(values))
		for i, v := range values {
			if v.IsValid() {
				inner[i] = v.FieldByIndex(field.Index)
			}
		}
		child := b.key(field, prefix+key, inner)
		if text := unnamed(plain(said[field.Name], typ), key); text != "" {
			child.Description = text
		}
		if child.Description == "" {
			b.t.Errorf("%s.%s: what does %q mean?", typ, field.Name, prefix+key)
		}
		switch {
		case b.held(prefix+key).Needed && child.Only == nil:
			n.Required = append(n.Required, key)
			fallthrough
		case b.held(prefix + key).Needed:
			child.Rules = append(child.Rules, mustBe)
		}
		n.Properties = append(n.Properties, Property{key, child})
	}
	return n
}

// unnamed is a meaning without the key that Go's comments begin with.
func unnamed(text, key string) string {
	for _, joint := range []string{" is ", " are ", ": ", ", "} {
		if rest, ok := strings.CutPrefix(text, "`"+key+"`"+joint); ok {
			return rest
		}
	}
	return text
}

// typeAbout is the first sentence of the comment of a type, without its name.
func typeAbout(about string, typ reflect.Type) string {
	about, _, _ = strings.Cut(strings.Join(strings.Fields(about), " "), ". ")
	for _, verb := range []string{" is ", " are ", " gives ", " holds ", " bounds "} {
		if rest, ok := strings.CutPrefix(about, typ.Name()+verb); ok {
			return rest
		}
	}
	return about
}

// key describes one key.
func (b *builder) key(field reflect.StructField, key string, values []reflect.Value) *Node {
	held := b.held(key)
	n := b.form(field.Type, key, held, values)
	if only := field.Tag.Get("only"); only != "" {
		n.Only = strings.Fields(only)
	}
	n.Rules = append(n.Rules, held.Notes...)
	if n.Type == "object" && field.Type.Kind() == reflect.Struct && !isConstant(field.Type) {
		return n
	}
	if numeric(field.Type) {
		n.Unit = unitOf(key)
	}
	b.fillDefault(n, key, held, values)
	return n
}

func (b *builder) fillDefault(n *Node, key string, held *strict.Held, values []reflect.Value) {
	if b.doc.Default != nil {
		if text := b.doc.Default(key); text != "" {
			n.Rules = append(n.Rules, "default: "+text)
			return
		}
	}
	if held.Needed {
		return
	}
	if n.Default = held.Default; n.Default != nil {
		return
	}
	var defaults Values
	for i, c := range b.doc.Cases {
		if v := values[i]; v.IsValid() && (n.Only == nil || slices.Contains(n.Only, c.Name)) {
			if value := plainValue(v); value != nil {
				defaults = append(defaults, Value{c.Name, value})
			}
		}
	}
	same := len(defaults) > 0
	for _, d := range defaults {
		same = same && reflect.DeepEqual(d.Value, defaults[0].Value)
	}
	if same {
		n.Default = defaults[0].Value
	} else {
		n.Defaults = defaults
	}
}

// plainValue is a default as JSON has it; nil where there is none.
func plainValue(v reflect.Value) any {
	switch {
	case isConstant(v.Type()):
		if v.IsZero() {
			return nil
		}
		return v.Field(0).Interface()
	case v.Kind() == reflect.Pointer, v.Kind() == reflect.Slice && v.Len() == 0, v.Kind() == reflect.Map && v.Len() == 0, v.Kind() == reflect.String && v.Len() == 0:
		return nil
	}
	return v.Interface()
}

// held is what all cases hold a key to, together.
func (b *builder) held(key string) *strict.Held {
	var all *strict.Held
	for _, c := range b.doc.Cases {
		if h := c.Holds[key]; h != nil {
			all = Either(all, h)
		}
	}
	if all == nil {
		return &strict.Held{}
	}
	return all
}

// Either is what values are held to that satisfy one of two.
func Either(a, b *strict.Held) *strict.Held {
	if a == nil {
		return b
	}
	c := *a
	c.Range = hull(a.Range, b.Range)
	c.OrZero, c.Filled, c.Needed = a.OrZero || b.OrZero, a.Filled || b.Filled, a.Needed && b.Needed
	c.Words, c.Numbers, c.Notes, c.Lengths = union(a.Words, b.Words), union(a.Numbers, b.Numbers), union(a.Notes, b.Notes), union(a.Lengths, b.Lengths)
	if c.Default == nil {
		c.Default = b.Default
	}
	return &c
}

func union[T comparable](a, b []T) []T {
	all := slices.Clone(a)
	for _, x := range b {
		if !slices.Contains(all, x) {
			all = append(all, x)
		}
	}
	return all
}

func hull(a, b *strict.Range) *strict.Range {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	r := strict.Range{Least: min(a.Least, b.Least), Most: max(a.Most, b.Most)}
	r.Above = (a.Above || a.Least > r.Least) && (b.Above || b.Least > r.Least)
	return &r
}
