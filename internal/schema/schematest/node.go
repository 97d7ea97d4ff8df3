// Package schematest makes JSON schemas of TOML documents and the page of their keys,
// for tests that hold what is committed to the types, their comments and the checks.
package schematest

import (
	"bytes"
	"encoding/json"
)

// Node is a JSON schema (draft 7, which editors know), or a part of one. Keys with x- are for people: the
// unit, who reads a key, defaults that differ, rules in words.
type Node struct {
	Schema      string `json:"$schema,omitempty"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Type        string `json:"type,omitempty"`

	Const            any        `json:"const,omitempty"`
	Enum             []any      `json:"enum,omitempty"`
	Minimum          *float64   `json:"minimum,omitempty"`
	ExclusiveMinimum *float64   `json:"exclusiveMinimum,omitempty"`
	Maximum          *float64   `json:"maximum,omitempty"`
	MinLength        int        `json:"minLength,omitempty"`
	Pattern          string     `json:"pattern,omitempty"`
	Items            *Node      `json:"items,omitempty"`
	MinItems         int        `json:"minItems,omitempty"`
	MaxItems         int        `json:"maxItems,omitempty"`
	Properties       Properties `json:"properties,omitempty"`
	PropertyNames    *Node      `json:"propertyNames,omitempty"`
	Additional       any        `json:"additionalProperties,omitempty"` // *Node or false
	Required         []string   `json:"required,omitempty"`
	AnyOf            []*Node    `json:"anyOf,omitempty"`
	AllOf            []*Node    `json:"allOf,omitempty"`
	Not              *Node      `json:"not,omitempty"`
	If               *Node      `json:"if,omitempty"`
	Then             *Node      `json:"then,omitempty"`

	Default any    `json:"default,omitempty"`
	Unit    string `json:"x-unit,omitempty"`
	// Only lists the engines, or kinds, that read the key; nil for all.
	Only []string `json:"x-only,omitempty"`
	// Defaults are those of each engine or kind where they differ.
	Defaults Values   `json:"x-defaults,omitempty"`
	Rules    []string `json:"x-rules,omitempty"`
	Takes    string   `json:"x-takes,omitempty"` // what the key takes, where that is shorter in words
}

// Property is a named part.
type Property struct {
	Name string
	*Node
}

// Properties are the keys of a table in the order of the type's fields.
type Properties []Property

// MarshalJSON writes an object whose keys keep their order.
func (p Properties) MarshalJSON() ([]byte, error) {
	return object(len(p), func(i int) (string, any) { return p[i].Name, p[i].Node })
}

// UnmarshalJSON reads what MarshalJSON writes, in its order.
func (p *Properties) UnmarshalJSON(text []byte) error {
	return members(text, func(name string, d *json.Decoder) error {
		n := &Node{}
		*p = append(*p, Property{name, n})
		return d.Decode(n)
	})
}

// Value is a value with a name.
type Value struct {
	Name  string
	Value any
}

// Values are values by the names of engines or kinds, in their order.
type Values []Value

// MarshalJSON writes an object whose keys keep their order.
func (v Values) MarshalJSON() ([]byte, error) {
	return object(len(v), func(i int) (string, any) { return v[i].Name, v[i].Value })
}

// UnmarshalJSON reads what MarshalJSON writes, in its order.
func (v *Values) UnmarshalJSON(text []byte) error {
	return members(text, func(name string, d *json.Decoder) error {
		*v = append(*v, Value{Name: name})
		return d.Decode(&(*v)[len(*v)-1].Value)
	})
}

func object(n int, of func(i int) (string, any)) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := range n {
		name, value := of(i)
		if i > 0 {
			b.WriteByte(',')
		}
		for _, part := range []any{name, value} {
			text, err := marshal(part)
			if err != nil {
				return nil, err
			}
			b.Write(text)
			if part == any(name) {
				b.WriteByte(':')
			}
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// marshal is json.Marshal with <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// members calls each for every member of an object.
func members(text []byte, each func(name string, d *json.Decoder) error) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if _, err := d.Token(); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		if err := each(name.(string), d); err != nil {
			return err
		}
	}
	return nil
}

// Text is the committed form of a schema.
func (n *Node) Text() []byte {
	text, err := marshal(n)
	if err != nil {
		panic("schematest: " + err.Error())
	}
	var b bytes.Buffer
	if err := json.Indent(&b, text, "", "  "); err != nil {
		panic("schematest: " + err.Error())
	}
	b.WriteByte('\n')
	return b.Bytes()
}
