// Package netfile reads network files: an ONNX model and what it does not say,
// how pixels become inputs and labels become classes.
//
//	name = "mobilenetv2"
//	onnx = "mobilenetv2.onnx"    # relative to this file
//	label_offset = 1             # class index = data label + offset
//
//	[input]
//	mean = [127.5, 127.5, 127.5] # per channel: (x - mean) / std, x as stored
//	std = [127.5, 127.5, 127.5]
package netfile

import (
	"path/filepath"
	"strings"

	"bitcycle/internal/strict"
	"bitcycle/kernels"
	"bitcycle/kernels/onnx"
)

// File is a network with its input normalization and labels.
type File struct {
	Name        string
	Net         *kernels.Network
	LabelOffset int       // class index = data label + offset
	Mean, Std   []float32 // per input channel; empty = 0 and 1
}

// description is the TOML form.
type description struct {
	Name        string `toml:"name"`
	ONNX        string `toml:"onnx"`
	LabelOffset int    `toml:"label_offset"`
	Input       struct {
		Mean []float32 `toml:"mean"`
		Std  []float32 `toml:"std"`
	} `toml:"input"`
}

// Load reads a network file, or an ONNX model, whose inputs are then taken as
// stored and whose classes are the labels. Errors name the file and line.
func Load(path string) (*File, error) {
	if strings.EqualFold(filepath.Ext(path), ".onnx") {
		net, err := onnx.Load(path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
		net.Name = name
		return &File{Name: name, Net: net}, nil
	}
	doc, err := strict.Read(path)
	if err != nil {
		return nil, err
	}
	var d description
	if err := doc.Decode(&d); err != nil {
		return nil, err
	}
	if d.ONNX == "" {
		return nil, doc.Error("", 0, "onnx", "the path of the model is missing")
	}
	model := d.ONNX
	if !filepath.IsAbs(model) {
		model = filepath.Join(filepath.Dir(path), model)
	}
	net, err := onnx.Load(model)
	if err != nil {
		return nil, doc.Error("", 0, "onnx", "%w", err)
	}
	if d.Name == "" {
		d.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	net.Name = d.Name
	return &File{d.Name, net, d.LabelOffset, d.Input.Mean, d.Input.Std}, d.check(doc, net)
}

// check holds the values of a description against the network.
func (d *description) check(doc *strict.File, net *kernels.Network) error {
	var errs []error
	channels := net.InputShape().C
	for key, values := range map[string][]float32{"mean": d.Input.Mean, "std": d.Input.Std} {
		if n := len(values); n > 1 && n != channels {
			errs = append(errs, doc.Error("input", 0, key, "must have 1 or %d entries, one per input channel", channels))
		}
	}
	for _, s := range d.Input.Std {
		if !(s > 0) {
			errs = append(errs, doc.Error("input", 0, "std", "must be positive"))
			break
		}
	}
	return strict.Join(errs)
}
