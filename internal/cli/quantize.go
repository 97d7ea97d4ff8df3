package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/internal/files"
	"bitcycle/kernels"
	"bitcycle/kernels/onnx"
	"bitcycle/quantizers"
	"bitcycle/quantizers/uniform"
	"bitcycle/reports"
)

type quantizeCmd struct {
	Method  string `arg:"" predictor:"methods" help:"Method with its arguments (see list methods), lplr for a matrix, rff for a data set."`
	Network string `short:"n" predictor:"networks" help:"Shipped network, network file or ONNX model. Default: ${network}." placeholder:"NETWORK"`
	Calib   string `help:"Images to calibrate on. Default for the shipped network: ${calib}." placeholder:"SET"`
	Machine string `short:"m" predictor:"machines" help:"Machine for methods that look at costs." default:"haq-bismo-cloud"`
	modelFlags
	Matrix      string  `help:"lplr: compress the matrices of this .npy, .npz, .safetensors, .csv, .png or .jpg file." placeholder:"FILE"`
	Bits        float64 `help:"lplr: bits per entry of the matrix." default:"1"`
	Rank        int     `help:"lplr: rank, instead of the plan that the budget allows." placeholder:"M"`
	BitsL       int     `help:"lplr: bits of the first factor, with --rank." default:"8"`
	BitsR       int     `help:"lplr: bits of the second factor, with --rank." default:"8"`
	Basis       string  `help:"lplr: basis of the first factor, with --rank." default:"lplr"`
	Table       string  `help:"rff: encode the points of this .csv, .npy, .libsvm or IDX file, or of a folder in the layout of MNIST." placeholder:"FILE"`
	Label       int     `help:"rff: column of the label in a .csv or .npy, from 1; 0 = the last, -1 = none." default:"0"`
	Kernel      string  `help:"rff: gaussian, laplacian or cauchy." default:"gaussian"`
	Gamma       float64 `help:"rff: kernel parameter; 0 = one over the dimensions." default:"0"`
	Standardise bool    `help:"rff: move and stretch columns to mean 0 and deviation 1." default:"true" negatable:""`
	Single      bool    `help:"rff: compute features in single precision, several times faster; codes may differ where a state lies within 1e-6 of a cell edge."`
	Learn       string  `help:"rff: also train on four fifths of the points and test on the rest: classify (support vector machines) or regress (ridge)." enum:"no,classify,regress" default:"no"`
	Save        string  `help:"File to save: .toml (policy) or .onnx (which onnxruntime loads); factors with --matrix." placeholder:"FILE"`
	Dialect     string  `help:"Form of a saved .onnx: qdq, codes of 8 and 16 bits, or qonnx, with widths that its readers see." enum:"qdq,qonnx" default:"qdq"`
}

// Help shows examples.
func (quantizeCmd) Help() string {
	return `Examples:
  bitcycle quantize uniform:w=3,a=4 --save bits.toml
  bitcycle quantize uniform:w=8,a=8 -n net.onnx --save bits.toml   # a policy to edit; no images needed
  bitcycle quantize multipoint:w=3,a=8 --save bits.toml
  bitcycle quantize bcgd:w=1,a=4,epochs=8,checkpoint=run.safetensors --save net.onnx
  bitcycle quantize lplr --matrix photo.png --bits 1 --save photo.lplr
  bitcycle quantize lplr:power=1,rounds=2 --matrix w.npy --rank 16
  bitcycle quantize rff:scheme=beta,m=1024,lambda=16 --table data.csv --save data.bcrf
  bitcycle quantize rff:m=8192,lambda=8 --table data.libsvm --learn classify

Keys of lplr with --matrix: power iterations of the sketch, sparse sketch with that many nonzeros a row, dither=true of the second factor,
rounds (each compresses what the one before left, with the same bits again; 0, the default: one or two within --bits).
Keys of rff: scheme=sd|beta|msq|stocq, m features, bits 1–8 of an alphabet (2ᵇ levels), step of the alphabet (0 = outer levels at ±1),
order of sd, sparse filter of sd (0 = greedy; 6 by default at one bit and order 2), lambda features a block, beta.`
}

// Run quantizes and saves the artifact.
func (c quantizeCmd) Run(ctx context.Context, s *session) error {
	name, args, _ := strings.Cut(c.Method, ":")
	switch {
	case c.Matrix != "" && name != "lplr":
		return input(fmt.Errorf("--matrix goes with lplr, not with %s", name))
	case (c.Table != "" || c.Learn != "no") && name != "rff":
		return input(fmt.Errorf("--table and --learn go with rff, not with %s", name))
	case name == uniform.FloatInfo.Name:
		return input(errors.New("float quantizes nothing: there is nothing to save; see list methods"))
	case c.Matrix != "":
		return c.matrices(ctx, s, args)
	case name == "rff" && c.Table == "":
		return input(errors.New("rff encodes the points of a data set: give --table FILE"))
	case name == "rff":
		return c.features(ctx, s, args)
	}
	if ext := strings.ToLower(filepath.Ext(c.Save)); c.Save != "" && ext != ".toml" && ext != ".onnx" {
		return input(fmt.Errorf("--save %s: extension must be .toml or .onnx", c.Save))
	}
	if isForeign(c.Network) && c.Calib == "" && (name == "uniform" || name == "policy") {
		return c.policy(s)
	}
	sub, err := loadSubject(ctx, c.modelFlags, c.Network, c.Calib, c.Calib, 0)
	if err != nil {
		return input(err)
	}
	for _, note := range sub.calib.Notes {
		s.warn(sub.calibName, note)
	}
	machine, err := arch.Load(c.Machine, s.Set)
	if err != nil {
		return input(err)
	}
	method, err := parseMethod(c.Method, s, sub, machine)
	if err != nil {
		return input(err)
	}
	trained := watch(method)
	bar := s.progress()
	q, err := evaluate.Quantize(ctx, sub.network, method, sub.calib, func(done, total int) { bar.update("quantize", done, total) })
	bar.done()
	if err != nil {
		return input(err)
	}
	doc := reports.Quantized(s.origin(), sub.network.Name, method.Name(), basis(method, sub), quantizers.StorageOf(q), trained)
	return s.writeSaved(doc, c.Save, func() error { return save(c.Save, q, method.Name(), c.Dialect) })
}

// writeSaved saves an artifact, unless its path is empty, and writes the report.
func (s *session) writeSaved(doc *reports.Document, path string, save func() error) error {
	if path != "" {
		if err := save(); err != nil {
			return input(err)
		}
		doc.Summary = append(doc.Summary, "saved "+path)
	}
	return s.write(doc)
}

// save writes a quantized network as a policy or a model, by the file's extension.
func save(path string, q *kernels.Quantized, name, dialect string) error {
	var write func(w io.Writer) error
	switch {
	case strings.ToLower(filepath.Ext(path)) == ".toml":
		p := quantizers.PolicyOf(q)
		p.Name = name
		write = p.Write
	case dialect == "qonnx":
		write = func(w io.Writer) error { return onnx.ExportQONNX(w, q) }
	default:
		write = func(w io.Writer) error { return onnx.ExportQuantized(w, q) }
	}
	return files.Write(path, write)
}
