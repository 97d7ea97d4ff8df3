package evaluate

import (
	"context"
	"fmt"
	"math"

	"bitcycle/internal/stat"
	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers"
)

// Sensitivity is what a network loses when one layer alone is narrower than the others,
// measured on images.
type Sensitivity struct {
	Network   string
	Images    int
	Bits      int              // of everything else
	Reference Accuracy         // of all layers at Bits
	Rows      []SensitivityRow // layer by layer: weights, then activations, from wide to narrow
}

// SensitivityRow is one layer at one width.
type SensitivityRow struct {
	Layer    string
	Operand  string // "weights" or "activations"
	Bits     int
	Accuracy Accuracy
	// Drop is what is lost against the reference, with its 95 % interval, image by image
	// (Newcombe 1998).
	Drop   float64
	DropCI [2]float64
	// LayerSQNR and OutputSQNR are the ratios of signal to quantization noise of the
	// layer's and of the network's outputs in decibels; NaN where there is none.
	LayerSQNR, OutputSQNR float64
}

// SensitivityJob says what is measured.
type SensitivityJob struct {
	Network *netfile.File
	Data    *dataset.Images
	Calib   *dataset.Images
	Widths  []int // of the one layer, from wide to narrow
	Bits    int   // of the others
	Workers int
	// Progress is called with how many of the quantizations are measured; nil for silence.
	Progress func(stage string, done, total int)
}

// Measure runs the job.
func (job SensitivityJob) Measure(ctx context.Context) (*Sensitivity, error) {
	m, err := job.begin(ctx)
	if err != nil {
		return nil, err
	}
	reference, err := m.measure(ctx, m.policy())
	if err != nil {
		return nil, err
	}
	out := &Sensitivity{Network: job.Network.Name, Images: job.Data.N, Bits: job.Bits, Reference: reference.Accuracy}
	layers := job.Network.Net.Layers()
	for layer, node := range layers {
		name := job.Network.Net.Nodes[node].Name
		for _, operand := range []string{"weights", "activations"} {
			for _, bits := range job.Widths {
				got, err := m.measure(ctx, m.narrowed(layer, operand, bits))
				if err != nil {
					return nil, fmt.Errorf("layer %s, %s of %d bits: %w", name, operand, bits, err)
				}
				drop, ci := stat.Paired(reference.Right, got.Right)
				out.Rows = append(out.Rows, SensitivityRow{
					Layer: name, Operand: operand, Bits: bits, Accuracy: got.Accuracy, Drop: drop, DropCI: ci,
					LayerSQNR: got.sqnr[layer], OutputSQNR: got.sqnr[len(layers)-1],
				})
				if job.Progress != nil {
					job.Progress("measure", len(out.Rows), 2*len(layers)*len(job.Widths))
				}
			}
		}
	}
	return out, nil
}

// sensitivityRun is what all measurements of a job have in common.
type sensitivityRun struct {
	SensitivityJob
	calib  kernels.Batch
	ranges *quantizers.Ranges
	float  []int // classes of the float network
}

func (job SensitivityJob) begin(ctx context.Context) (*sensitivityRun, error) {
	m := &sensitivityRun{SensitivityJob: job}
	var err error
	if m.calib, err = inputs(job.Network, job.Calib); err != nil {
		return nil, fmt.Errorf("calibration: %w", err)
	}
	if m.ranges, err = quantizers.Observe(job.Network.Net, m.calib); err != nil {
		return nil, err
	}
	m.float, err = FloatClasses(ctx, job.Network, job.Data, job.Workers, nil)
	return m, err
}

// policy has the same widths in all layers.
func (m *sensitivityRun) policy() *quantizers.Policy {
	b := uint8(m.Bits)
	return quantizers.Uniform(m.Network.Net, b, b, b, b)
}

// narrowed is that policy but for one operand of one layer.
func (m *sensitivityRun) narrowed(layer int, operand string, bits int) *quantizers.Policy {
	p := m.policy()
	if operand == "weights" {
		p.Layers[layer].WeightBits = workload.Widths{uint8(bits)}
	} else {
		p.Layers[layer].ActBits = uint8(bits)
	}
	return p
}

// measured is what one policy gave.
type measured struct {
	*Measured
	sqnr []float64 // by layer
}

func (m *sensitivityRun) measure(ctx context.Context, p *quantizers.Policy) (*measured, error) {
	q, err := m.ranges.Quantize(ctx, p, m.calib, quantizers.Options{Reestimate: true}, nil)
	if err != nil {
		return nil, err
	}
	classes, err := IntClasses(ctx, m.Network, q, m.Data, m.Workers, nil)
	if err != nil {
		return nil, err
	}
	w := q.Lower()
	out := &measured{Measured: judged(w, classes, m.float, m.Data.Labels, m.Network.LabelOffset)}
	byOp, err := layerSQNR(m.Network, q, w, m.Data.Slice(0, min(m.Data.N, sqnrImages)))
	if err != nil {
		return nil, err
	}
	of := map[string]float64{}
	for i := range w.Ops {
		of[w.Ops[i].Name] = byOp[i]
	}
	for _, node := range m.Network.Net.Layers() {
		db, ok := of[m.Network.Net.Nodes[node].Name]
		if !ok {
			db = math.NaN()
		}
		out.sqnr = append(out.sqnr, db)
	}
	return out, nil
}
