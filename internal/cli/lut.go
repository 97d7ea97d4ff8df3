package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/internal/files"
	"bitcycle/internal/npy"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/reports"
)

type lutCmd struct {
	Machine string `short:"m" help:"Shipped machine or TOML file." default:"haq-bismo-cloud" predictor:"machines"`
	Network string `short:"n" predictor:"networks" help:"Shipped network, network file or ONNX model: its shapes." placeholder:"NETWORK"`
	modelFlags
	Workload   string `short:"w" predictor:"workloads" help:"Workload instead of a network, see list workloads." placeholder:"WORKLOAD"`
	WeightBits int    `name:"weight-bits" help:"Widths of weights from 1 to N." default:"8" placeholder:"N"`
	ActBits    int    `name:"act-bits" help:"Widths of activations from 1 to N." default:"8" placeholder:"N"`
	NPY        string `name:"npy" help:"Also write the cycles as an array of NumPy, layers × weight bits × activation bits: the layout of HAQ's published latency table." placeholder:"FILE"`
	EnergyNPY  string `name:"energy-npy" help:"The same of the energies, in pJ." placeholder:"FILE"`
}

// Help shows examples.
func (lutCmd) Help() string {
	return `What every layer takes at every pair of widths, the table that an allocation of bits starts from. Files have a row for each
layer and pair; what each layer loses at a width is told by: bitcycle sensitivity.

Examples:
  bitcycle lut -m haq-bismo-edge -w mobilenet-v2 --out lut.csv
  bitcycle lut -m haq-bismo-edge -w mobilenet-v2 --set batch=16 --npy latency_table.npy
  bitcycle lut -n net.onnx -m gemmini-default --html lut.html`
}

// Run makes the table.
func (c lutCmd) Run(ctx context.Context, s *session) error {
	machine, err := arch.Load(c.Machine, s.Set)
	if err != nil {
		return input(err)
	}
	w, assumptions, err := c.work()
	if err != nil {
		return input(err)
	}
	t, err := evaluate.LookUp(ctx, machine, w, c.WeightBits, c.ActBits)
	if err != nil {
		return input(err)
	}
	doc := reports.LUT(s.origin(), t)
	doc.Assumptions = append(doc.Assumptions, assumptions...)
	for _, one := range []struct {
		path  string
		write func(w io.Writer) error
	}{
		{c.NPY, func(to io.Writer) error {
			return npy.Write(to, cyclesOf(t), len(t.Layers), t.WeightBits, t.ActBits)
		}},
		{c.EnergyNPY, func(to io.Writer) error {
			return npy.Write(to, energiesOf(t), len(t.Layers), t.WeightBits, t.ActBits)
		}},
	} {
		if one.path == "" {
			continue
		}
		if err := files.Write(one.path, one.write); err != nil {
			return input(err)
		}
		doc.Summary = append(doc.Summary, "wrote "+one.path)
	}
	return s.write(doc)
}

// work is the workload of the flags.
func (c lutCmd) work() (*workload.Workload, []string, error) {
	if c.Workload != "" {
		if c.Network != "" {
			return nil, nil, errors.New("-w and -n do not go together")
		}
		w, err := zoo.Load(c.Workload)
		return w, nil, err
	}
	network, err := c.shapes(c.Network)
	if err != nil {
		return nil, nil, err
	}
	w, err := evaluate.Workload(network, "")
	return w, evaluate.Assumptions(network), err
}

func cyclesOf(t *evaluate.LUT) []int64 {
	out := make([]int64, len(t.Costs))
	for i, c := range t.Costs {
		out[i] = c.Cycles
	}
	return out
}

func energiesOf(t *evaluate.LUT) []float64 {
	out := make([]float64, len(t.Costs))
	for i, c := range t.Costs {
		out[i] = c.EnergyPJ
	}
	return out
}

type sensitivityCmd struct {
	Network string `short:"n" predictor:"networks" help:"Shipped network, network file or ONNX model." placeholder:"NETWORK"`
	modelFlags
	Data   string `help:"Images to measure accuracy on; see list data." placeholder:"SET"`
	Calib  string `help:"Images to calibrate on." placeholder:"SET"`
	Images int    `help:"Measure on the first N images only." placeholder:"N"`
	Widths string `help:"Widths of the one layer, from wide to narrow." default:"6,4,3,2,1" placeholder:"LIST"`
	Bits   int    `help:"Bits of all other weights and activations." default:"8" placeholder:"N"`
}

// Help shows examples.
func (sensitivityCmd) Help() string {
	return `What is lost when one layer's weights, or its activations, are narrower than everything else: top-1 with the interval of the
difference, and SQNR. What is saved is told by: bitcycle lut.

Examples:
  bitcycle sensitivity --images 200
  bitcycle sensitivity -n resnet20.toml --data cifar10:test.bin.gz --calib cifar10:train.bin.gz --images 1000 --html s.html
  bitcycle sensitivity --widths 4,2 --bits 6 --out sensitivity.csv`
}

// Run measures layer by layer.
func (c sensitivityCmd) Run(ctx context.Context, s *session) error {
	job := evaluate.SensitivityJob{Bits: c.Bits, Workers: s.Workers}
	for text := range strings.SplitSeq(c.Widths, ",") {
		var bits int
		if _, err := fmt.Sscan(text, &bits); err != nil || bits < 1 || bits > workload.MaxBits {
			return input(fmt.Errorf("--widths = %s: want widths of 1 to %d, separated by commas", c.Widths, workload.MaxBits))
		}
		job.Widths = append(job.Widths, bits)
	}
	if c.Bits < 1 || c.Bits > workload.MaxBits {
		return input(fmt.Errorf("--bits = %d: must be 1 to %d", c.Bits, workload.MaxBits))
	}
	sub, err := loadSubject(ctx, c.modelFlags, c.Network, c.Data, c.Calib, c.Images)
	if err != nil {
		return input(err)
	}
	if err := sub.classes("sensitivity"); err != nil {
		return input(err)
	}
	sub.announce(s)
	job.Network, job.Data, job.Calib = sub.network, sub.data, sub.calib
	bar := s.progress()
	job.Progress = bar.update
	result, err := job.Measure(ctx)
	bar.done()
	if err != nil {
		return input(err)
	}
	return s.write(reports.Sensitivity(s.origin(), result, sub.images()))
}
