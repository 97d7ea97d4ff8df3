// Package strict reads TOML strictly, for every file that is written by hand:
// machines, front ends, networks, workloads, policies. An unknown key, a value of the
// wrong type or out of range is an error that names file, line, column, key and
// value, says what is allowed, and comes with all others of the file. Reading takes
// time and memory in proportion to the text.
package strict

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"bitcycle/internal/files"
)

// File is a TOML document that is decoded into a struct and then held against rules.
type File struct {
	Path string // as the user wrote it
	root *Node
	err  error // of its syntax
}

// Read reads the file at path.
func Read(path string) (*File, error) {
	data, err := files.Read(context.Background(), path, files.Document)
	if err != nil {
		return nil, err
	}
	return New(path, data), nil
}

// New makes a File of a document; path is what errors call it.
func New(path string, data []byte) *File {
	f := &File{Path: path}
	if f.root, f.err = Parse(path, string(data), 0); f.err != nil {
		f.root = &Node{At: Position{File: path}}
	}
	return f
}

// Decode fills v, a pointer to a struct.
func (f *File) Decode(v any) error {
	if f.err != nil {
		return f.err
	}
	d := &Decoder{}
	d.Table("", f.root, reflect.ValueOf(v).Elem())
	return d.Err()
}

// Has tells whether a key is set, for example Has("input", "mean").
func (f *File) Has(key ...string) bool { return f.root.Find(strings.Join(key, ".")) != nil }

// Text is the string at a dotted key, "" if there is none.
func (f *File) Text(key string) string { return f.root.Text(key) }

// Error reports a rule that the value of a key breaks. Index counts the tables of a
// list; the document itself is the table "". A key that is not set is reported at
// the line of its table.
func (f *File) Error(table string, index int, key, rule string, args ...any) error {
	broken := fmt.Errorf(rule, args...)
	n := f.root
	if table != "" {
		n = n.Find(table)
	}
	if n != nil && index < len(n.List) {
		n = n.List[index]
	}
	if n == nil {
		n = &Node{At: f.root.At}
	}
	if key == "" {
		return fmt.Errorf("%s: %w", n.At.LineOnly(), broken)
	}
	if value := n.Find(key); value != nil {
		return fmt.Errorf("%s: %s = %s: %w", value.At, key, Format(value.plain()), broken)
	}
	return fmt.Errorf("%s: %s: %w", n.At.LineOnly(), key, broken)
}
