package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/internal/files"
	"bitcycle/internal/strict"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/shipped"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/reports"
)

// modelFlags say what a model leaves open.
type modelFlags struct {
	Input  []string `help:"Dimensions of an input that the model leaves open, or the value of one that is one whole number; repeat for more." sep:"none" placeholder:"NAME=1x3x224x224"`
	Layout string   `help:"Order of the model's images, nchw or nhwc; found out if left out." placeholder:"LAYOUT"`
	Codes  string   `help:"Type of the whole numbers that a quantized model reads, if it does not say: uint8, int8, uint16 or int16." placeholder:"TYPE"`
}

func (f modelFlags) options() (onnx.Options, error) {
	inputs, err := netfile.ParseInputs(f.Input)
	if err != nil {
		return onnx.Options{}, fmt.Errorf("--input %w", err)
	}
	return onnx.Options{Inputs: inputs, Layout: f.Layout, Codes: f.Codes}, nil
}

// load finds a network that is to be executed.
func (f modelFlags) load(name string) (*netfile.File, error) { return f.open(name, netfile.Load) }

// shapes finds a network of which shapes are enough.
func (f modelFlags) shapes(name string) (*netfile.File, error) {
	return f.open(name, func(path string, opt onnx.Options) (*netfile.File, error) {
		opt.Shapes = true
		return netfile.Open(path, opt)
	})
}

func (f modelFlags) open(name string, open func(path string, opt onnx.Options) (*netfile.File, error)) (*netfile.File, error) {
	opt, err := f.options()
	if err != nil {
		return nil, err
	}
	if name == "" || name == defaultNetwork {
		return shipped.File(), nil
	}
	path := name
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && !filepath.IsAbs(path) {
		if root := os.Getenv("BITCYCLE_DATA"); root != "" {
			path = filepath.Join(root, name)
		}
		if _, err := os.Stat(path); err != nil && !strings.ContainsAny(name, `/\.`) {
			return nil, noNetwork(name)
		}
	}
	return open(path, opt)
}

// noNetwork is the error of a name that is no network's; it may be a workload's.
func noNetwork(name string) error {
	if zoo.Has(name) {
		return fmt.Errorf("no network %q: that is a workload, shapes without weights: give -w %s", name, name)
	}
	return strict.UnknownBut("network", name, []string{defaultNetwork}, defaultNetwork+", a network file or an ONNX model")
}

// isForeign tells whether a network has no images of its own.
func isForeign(name string) bool { return name != "" && name != defaultNetwork }

// costNetwork charges a network to the machine, without images.
func (c runCmd) costNetwork(ctx context.Context, s *session, machine *arch.Accelerator) error {
	network, err := c.shapes(c.Network)
	if err != nil {
		return input(err)
	}
	spec := c.Method
	if spec == "" {
		spec = evaluate.DefaultMethod(network, evaluate.DefaultWidths)
	}
	w, err := evaluate.Workload(network, spec)
	if err != nil {
		return input(err)
	}
	return c.price(ctx, s, machine, w, network.Name, spec, evaluate.Assumptions(network, spec)...)
}

// policy saves the widths that a method gives a network, without images.
func (c quantizeCmd) policy(s *session) error {
	network, err := c.shapes(c.Network)
	if err != nil {
		return input(err)
	}
	p, err := evaluate.Widths(network, c.Method)
	if err != nil {
		return input(err)
	}
	if ext := strings.ToLower(filepath.Ext(c.Save)); c.Save != "" && ext != ".toml" {
		return input(fmt.Errorf("--save %s: without images there are widths alone: extension must be .toml, or give --calib SET", c.Save))
	}
	p.Name = c.Method
	doc := reports.Quantized(s.origin(), network.Name, c.Method, "widths alone, without images", p.Storage(network.Net), nil)
	return s.writeSaved(doc, c.Save, func() error { return files.Write(c.Save, p.Write) })
}
