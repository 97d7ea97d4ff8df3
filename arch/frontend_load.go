package arch

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"bitcycle/internal/strict"
)

var frontEnds = &catalog{what: "front end", folder: "frontends", root: reflect.TypeFor[FrontEnd]()}

// LoadFrontEnd reads a front end as [Load] reads a machine: shipped name or TOML
// path, base, settings, defaults, every problem at once.
func LoadFrontEnd(nameOrPath string, set []string) (*FrontEnd, error) {
	b, err := OpenFrontEnd(nameOrPath)
	if err != nil {
		return nil, err
	}
	return b.With(set...)
}

func (f *FrontEnd) clone(room int) *FrontEnd {
	c := *f
	c.AcceleratorSet = slices.Clone(f.AcceleratorSet)
	c.Sources, c.Unconfirmed = roomy(f.Sources, room), slices.Clone(f.Unconfirmed)
	return &c
}

func (f *FrontEnd) refuse(*strict.Node) error { return nil }

func (f *FrontEnd) start(d *decoder, tree *strict.Node) {
	*f = DefaultFrontEnd()
	if n := tree.Find("digital.technology_nm"); n != nil {
		d.Set("", n, reflect.ValueOf(&f.Digital.TechNm).Elem())
		f.priceLogic()
	}
	if tree.Table["kind"] == nil {
		d.Add(tree.At, fmt.Sprintf("%s: kind is missing: want kind = \"frontend\"", tree.At.LineOnly()))
	}
}

func (f *FrontEnd) remarks() (*map[string]string, *[]string) { return &f.Sources, &f.Unconfirmed }

// derive fills values that follow from others where nothing else sets them.
func (f *FrontEnd) derive(unset func(key string) bool) {
	if unset("modulator.units") {
		f.Modulator.Units = max(f.Antennas.Count, 1)
	}
	if unset("array.rows") {
		f.Antennas.Rows = 1
	}
}

// besideFile turns the path of the accelerator into one beside the file that names it.
func (f *FrontEnd) besideFile(tree *strict.Node) *KeyError {
	return beside(tree, "accelerator", &f.Accelerator)
}

// Source tells where the value at a key comes from, see [Accelerator.Source].
func (f *FrontEnd) Source(key string) string { return f.Sources[sourceOf(key, f.Sources)] }

// Doubtful reports whether the value at a key is unconfirmed.
func (f *FrontEnd) Doubtful(key string) bool { return slices.Contains(f.Unconfirmed, key) }

// LoadAccelerator loads the machine that runs the precoder.
func (f *FrontEnd) LoadAccelerator() (*Accelerator, error) {
	return Load(f.Accelerator, f.AcceleratorSet)
}

// EncodeFrontEnd writes the complete front end as TOML, as [Encode] does a machine.
func EncodeFrontEnd(w io.Writer, f *FrontEnd) error {
	return encode(w, "", reflect.ValueOf(*f), f.Unconfirmed)
}

// ListFrontEnds returns the shipped front ends in the order of their names.
func ListFrontEnds() []Shipped { return frontEnds.list("kind") }

// Kind tells what a shipped name or a TOML file describes: "machine" or
// "frontend".
func Kind(nameOrPath string) (string, error) {
	if _, ok := frontEnds.shipped(nameOrPath); ok {
		return "frontend", nil
	}
	read, err := machines.load(nameOrPath, ".", nil)
	if err != nil {
		if _, err := frontEnds.load(nameOrPath, ".", nil); err == nil { // its base is a front end
			return "frontend", nil
		}
		return "", err
	}
	if read.tree.Text("kind") == "frontend" {
		return "frontend", nil
	}
	return "machine", nil
}

// Validate checks every value and the rules between values, like
// [Accelerator.Validate].
func (f *FrontEnd) Validate() error {
	var errs []error
	for _, e := range f.problems() {
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

func (f *FrontEnd) problems() []*KeyError {
	return append(f.faults(), frontEnds.checkKeys(f.remarks())...)
}

func (f *FrontEnd) faults() []*KeyError {
	r := &rules{}
	f.check(r)
	return r.broken
}

func (f *FrontEnd) check(r *rules) {
	r.among("schema", f.Schema, "want 1", 1)
	r.oneOf("kind", f.Kind, "frontend")
	r.filled("name", f.Name)
	r.oneOf("direction", f.Direction, "downlink", "uplink")
	if _, err := f.LoadAccelerator(); err != nil {
		r.add("accelerator", f.Accelerator, strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	f.Antennas.check(r)
	f.Signal.check(r)
	f.Job.check(r, f)
	f.Words.check(r)
	f.Converter.check(r)
	f.Modulator.check(r, f)
	f.RF.check(r)
	f.PA.check(r, f.Direction == "uplink")
	f.Fronthaul.check(r)
	r.within("digital.technology_nm", f.Digital.TechNm, 7, 130)
	r.constants("digital", f.Digital)
}
