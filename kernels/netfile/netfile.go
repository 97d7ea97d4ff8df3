// Package netfile reads network files: an ONNX model and what it does not say,
// how pixels become inputs and labels become classes.
//
//	name = "mobilenetv2"
//	onnx = "mobilenetv2.onnx"    # relative to this file
//	label_offset = 1             # class index = data label + offset
//	layout = "nhwc"              # of the model's images; found out if left out
//	inputs = ["x=1x3x224x224"]   # dimensions that the model leaves open
//	codes = "int8"               # of the whole numbers that a quantized model reads
//
//	[input]
//	mean = [127.5, 127.5, 127.5] # per channel: (x - mean) / std, x as stored
//	std = [127.5, 127.5, 127.5]
//	fit = "crop"                 # how pictures of other sizes become images
//	side = 256                   # shorter side before the crop
//
//	[detect]                     # of a detector: what its outputs mean
//	head = "yolox"
//	strides = [8, 16, 32]
//
//	[text]                       # of a network that reads text
//	dictionary = "keys.txt"
//
// An ONNX model alone (.onnx) is a network, too, and so is a checkpoint of llama2.c
// (.bin), whose input "tokens" is as long as the model was trained for unless given.
package netfile

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/internal/strict"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/llama2"
	"bitcycle/kernels/onnx"
)

// File is a network with its input normalization and labels.
type File struct {
	Name        string
	Net         *kernels.Network
	LabelOffset int         // class index = data label + offset
	Mean, Std   []float32   // per input channel; empty = 0 and 1
	Fit         dataset.Fit // how pictures become its images
	Detect      *Detect     // what the outputs of a detector mean; nil: it is none
	Text        *Text       // the same of a network that reads text
	// Model is the network's model as it was read; nil if there is none.
	Model *onnx.Model
}

// Images is how many images a run of the network takes.
func (f *File) Images() int {
	if f.Model == nil {
		return 1
	}
	return max(f.Model.Images, 1)
}

// description is the TOML form.
type description struct {
	Name        string   `toml:"name"`         // for reports; the file's name unless given
	ONNX        string   `toml:"onnx"`         // path of the model, ONNX or a checkpoint of llama2.c, from the folder of this file
	LabelOffset int      `toml:"label_offset"` // class = label of the data + this
	Layout      string   `toml:"layout"`       // of the model's images; found out unless given
	Inputs      []string `toml:"inputs"`       // dimensions that the model leaves open: "name=1x3x224x224"
	Codes       string   `toml:"codes"`        // type of the whole numbers that a quantized model reads; uint8 unless given
	Input       input    `toml:"input"`
	Detect      Detect   `toml:"detect"`
	Text        text     `toml:"text"`
}

// Load reads a network file, or an ONNX model, whose inputs are then taken as
// stored and whose classes are the labels. Errors name the file and line. A
// network that cannot be executed is an error. What opt says of inputs wins over the
// network file.
func Load(path string, opt onnx.Options) (*File, error) { return read(path, opt, onnx.Load) }

// Open is Load for a network that may not be executable.
func Open(path string, opt onnx.Options) (*File, error) { return read(path, opt, onnx.Open) }

// open reads a checkpoint of a language model (.bin) or else an ONNX model.
func open(path string, opt onnx.Options, model func(path string, opt onnx.Options) (*onnx.Model, error)) (*File, error) {
	if strings.EqualFold(filepath.Ext(path), ".bin") {
		return language(path, opt.Inputs)
	}
	m, err := model(path, opt)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	m.Net.Name = name
	return &File{Name: name, Net: m.Net, Model: m}, nil
}

func read(path string, opt onnx.Options, model func(path string, opt onnx.Options) (*onnx.Model, error)) (*File, error) {
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".onnx" || ext == ".bin" {
		return open(path, opt, model)
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
	if err := d.options(doc, &opt); err != nil {
		return nil, err
	}
	at, err := files.Beside(path, d.ONNX)
	if err != nil {
		return nil, doc.Error("", 0, "onnx", "%w", err)
	}
	f, err := open(at, opt, model)
	if err != nil {
		return nil, doc.Error("", 0, "onnx", "%w", err)
	}
	if d.Name == "" {
		d.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	f.Name, f.Net.Name = d.Name, d.Name
	f.LabelOffset, f.Mean, f.Std = d.LabelOffset, d.Input.Mean, d.Input.Std
	f.Fit = d.Input.rule()
	return f, errors.Join(d.check(doc, f.Net), d.Detect.of(doc, f), d.Text.of(doc, f, path))
}

// layouts are the orders of an image's dimensions.
var layouts = []string{"nchw", "nhwc"}

// codes are the types of whole numbers that a quantized model may read.
var codes = []string{"uint8", "int8", "uint16", "int16"}

// language reads a language model for so many tokens.
func language(path string, inputs map[string][]int64) (*File, error) {
	c, err := llama2.Open(path)
	if err != nil {
		return nil, err
	}
	tokens := c.Sequence
	for name, dims := range inputs {
		if name != "tokens" || len(dims) != 1 {
			return nil, fmt.Errorf("%s: no input %s of %d dimensions: there is tokens=N", path, name, len(dims))
		}
		tokens = int(dims[0])
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	net, err := c.Network(tokens)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	net.Name = name
	return &File{Name: name, Net: net}, nil
}

// options adds what the file says of inputs to what is said beside it.
func (d *description) options(doc *strict.File, opt *onnx.Options) error {
	if opt.Layout == "" {
		opt.Layout = d.Layout
	}
	if d.Layout != "" && !slices.Contains(layouts, d.Layout) {
		return doc.Error("", 0, "layout", "must be nchw or nhwc")
	}
	if opt.Codes == "" {
		opt.Codes = d.Codes
	}
	if d.Codes != "" && !slices.Contains(codes, d.Codes) {
		return doc.Error("", 0, "codes", "must be %s", strings.Join(codes, ", "))
	}
	own, err := ParseInputs(d.Inputs)
	if err != nil {
		return doc.Error("", 0, "inputs", "%w", err)
	}
	for name, dims := range opt.Inputs {
		own[name] = dims
	}
	opt.Inputs = own
	return nil
}

// ParseInputs reads dimensions of inputs written as "name=1x3x224x224".
func ParseInputs(list []string) (map[string][]int64, error) {
	out := map[string][]int64{}
	var errs []error
	for _, text := range list {
		at := strings.LastIndex(text, "=")
		if at < 1 {
			errs = append(errs, fmt.Errorf("%q: must be name=1x3x224x224", text))
			continue
		}
		dims := []int64{}
		for _, part := range strings.Split(text[at+1:], "x") {
			d, err := strconv.ParseInt(part, 10, 32)
			if err != nil || d < 1 {
				errs = append(errs, fmt.Errorf("%q: must be name=1x3x224x224", text))
				break
			}
			dims = append(dims, d)
		}
		out[text[:at]] = dims
	}
	return out, errors.Join(errs...)
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
	errs = append(errs, d.Input.check(doc)...)
	return strict.Join(errs)
}
