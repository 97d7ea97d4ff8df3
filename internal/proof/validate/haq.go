package validate

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"sync"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

const haqMachine = "haq-bismo-cloud"

// haq compares with HAQ's latency table (mit-han-lab/haq@8228d12): cycles of
// MobileNetV2's layers and of the whole network at many width pairs, batch 16.
func haq(golden fs.FS) ([]proof.Source, error) { return haqWith(golden) }

// haqWith compares with settings on top of the shipped machine.
func haqWith(golden fs.FS, set ...string) ([]proof.Source, error) {
	list, err := readPublished(golden)
	if err != nil {
		return nil, err
	}
	var layerRows, totalRows []proof.Row
	for _, p := range list {
		if p.accelerator != "HAQ-BISMO-cloud" {
			continue
		}
		var w *workload.Workload
		f := p.fields()
		if p.metric == "network_total_cycles" {
			w = mobileNetV2(uint8(f["wbits"]), uint8(f["abits"]))
		} else if w, err = haqLayer(p); err != nil {
			return nil, err
		}
		acc, err := arch.Load(haqMachine, append(set[:len(set):len(set)], fmt.Sprintf("batch=%d", f["batch"])))
		if err != nil {
			return nil, err
		}
		res, err := sim.Run(context.Background(), acc, w, sim.Options{})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.id, err)
		}
		if p.metric == "network_total_cycles" {
			totalRows = append(totalRows, p.row(float64(res.Totals.Cycles)))
		} else {
			layerRows = append(layerRows, p.row(float64(res.Totals.Cycles)))
		}
	}
	note := "array, word and scratchpad parameters only; no row was fitted"
	sources := []proof.Source{
		proof.NewSource("HAQ latency table, layers", "mean error at most 4 %", note, layerRows, proof.MeanWithin(0.04)),
		proof.NewSource("HAQ latency table, networks", "every total within 3 %", note, totalRows, proof.WorstWithin(0.03)),
	}
	for i := range sources {
		sources[i].Machine, sources[i].Kind = haqMachine, "simulator"
	}
	return sources, nil
}

var haqKind = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`layer\d+ (conv|pw|dw|fc) `) })

// haqLayer reads a layer such as "layer44 pw Cin=960 Cout=160 k=1 s=1 Hout=7 batch=16 wbits=2 abits=2".
func haqLayer(p published) (*workload.Workload, error) {
	m := haqKind().FindStringSubmatch(p.workload)
	if m == nil {
		return nil, fmt.Errorf("%s: no layer in %q", p.id, p.workload)
	}
	f := p.fields()
	w, a := uint8(f["wbits"]), uint8(f["abits"])
	var op workload.Op
	switch m[1] {
	case "fc":
		op = dense(f["Cin"], f["Cout"], w, a)
	case "dw":
		op = depthwise(f["Cin"], f["Hout"], f["k"], f["s"], w, a)
	default:
		op = conv(f["Cin"], f["Cout"], f["Hout"], f["k"], f["s"], w, a)
	}
	return &workload.Workload{Name: p.workload, Ops: []workload.Op{op}}, nil
}

// conv is a convolution with square maps, described by its output size.
func conv(in, out, size, kernel, stride int, w, a uint8) workload.Op {
	side := size * stride
	pad := kernel / 2
	return workload.Op{
		Name: "conv", Kind: workload.Conv, M: out, K: in * kernel * kernel, N: size * size, Groups: 1, Batch: 1,
		In: [3]int{in, side, side}, Kernel: [2]int{kernel, kernel}, Stride: [2]int{stride, stride}, Pad: [4]int{pad, pad, pad, pad},
		Dilation: [2]int{1, 1}, Out: [2]int{size, size}, WeightBits: []uint8{w}, ActBits: a,
	}
}

func depthwise(channels, size, kernel, stride int, w, a uint8) workload.Op {
	op := conv(1, 1, size, kernel, stride, w, a)
	op.Kind, op.Groups, op.In[0] = workload.Depthwise, channels, channels
	return op
}

func dense(in, out int, w, a uint8) workload.Op {
	return workload.Op{Name: "fc", Kind: workload.MatMul, M: out, K: in, N: 1, Groups: 1, Batch: 1, WeightBits: []uint8{w}, ActBits: a}
}

// mobileNetV2 has the 53 weight layers of MobileNetV2 at 224×224 (Sandler et al.,
// CVPR 2018, table 2), all at the same widths.
func mobileNetV2(w, a uint8) *workload.Workload {
	net := &workload.Workload{Name: "MobileNetV2"}
	add := func(op workload.Op) { net.Ops = append(net.Ops, op) }
	add(conv(3, 32, 112, 3, 2, w, a))
	in, size := 32, 112
	for _, b := range [][4]int{{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}} {
		for i := range b[2] {
			stride := 1
			if i == 0 {
				stride = b[3]
			}
			wide := in * b[0]
			if b[0] > 1 {
				add(conv(in, wide, size, 1, 1, w, a))
			}
			size /= stride
			add(depthwise(wide, size, 3, stride, w, a))
			add(conv(wide, b[1], size, 1, 1, w, a))
			in = b[1]
		}
	}
	add(conv(320, 1280, 7, 1, 1, w, a))
	add(dense(1280, 1000, w, a))
	return net
}
