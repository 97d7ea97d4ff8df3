package validate

import (
	"context"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// peakOps returns the operations per second of a shipped machine, two for each
// multiply-accumulate.
func peakOps(machine string, w, a int) (float64, bool) {
	acc, err := arch.Load(machine, nil)
	if err != nil {
		return 0, false
	}
	macs, err := sim.PeakMACs(acc, w, a)
	return 2 * macs * acc.ClockHz, err == nil
}

// chips compares with figures of chips and of their authors' models. What a machine
// file does not claim (DRAM accesses of a compressed network, ratios between designs
// of unknown workloads) is left out.
func chips(golden fs.FS) ([]proof.Source, error) {
	list, err := readPublished(golden)
	if err != nil {
		return nil, err
	}
	compute := map[string]func(p published) (float64, bool, error){
		"Eyeriss": eyeriss, "UNPU": unpu, "TPUv1": tpu, "XpulpNN": xpulpnn,
	}
	notes := map[string]string{
		"Eyeriss": "active elements, latency, power and energy by component of AlexNet's layers; the loads that the chip does not overlap are missing from the frame rate",
		"UNPU":    "peak, clock, die and the look-up tables' energy", "TPUv1": "multipliers and peak",
		"XpulpNN": "convolution against the cluster without sub-byte instructions",
	}
	shipped := map[string]string{"Eyeriss": "eyeriss-v1-65nm", "UNPU": "unpu-65nm", "TPUv1": "tpu-v1", "XpulpNN": "xpulpnn-8core-22nm"}
	rows := map[string][]proof.Row{}
	for _, p := range list {
		f := compute[p.accelerator]
		if f == nil {
			continue
		}
		got, ok, err := f(p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.id, err)
		}
		if !ok {
			continue
		}
		r := p.row(got)
		if p.metric == "active_PEs" && p.confirmed() { // the tolerance is a number of elements
			r = r.Judge(proof.Within(p.value, 3))
		}
		rows[p.accelerator] = append(rows[p.accelerator], r)
	}
	var out []proof.Source
	for _, name := range sortedKeys(rows) {
		s := proof.NewSource(name, "mean error at most 10 %", notes[name], rows[name], proof.MeanWithin(0.1))
		s.Machine, s.Kind = shipped[name], "published"
		out = append(out, s)
	}
	return out, nil
}

// alexNet has AlexNet's layers with its two convolution groups, 16 bits.
var alexNet = map[string]workload.Op{
	"conv1": alexConv(3, 96, 55, 11, 4, 1), "conv2": alexConv(96, 256, 27, 5, 1, 2), "conv3": alexConv(256, 384, 13, 3, 1, 1),
	"conv4": alexConv(384, 384, 13, 3, 1, 2), "conv5": alexConv(384, 256, 13, 3, 1, 2),
	"fc1": dense(9216, 4096, 16, 16), "fc2": dense(4096, 4096, 16, 16), "fc3": dense(4096, 1000, 16, 16),
}

func alexConv(in, out, size, kernel, stride, groups int) workload.Op {
	op := conv(in/groups, out/groups, size, kernel, stride, 16, 16)
	op.Groups, op.In[0] = groups, in
	if stride > 1 {
		op.Pad = [4]int{}
		op.In[1] = (size-1)*stride + kernel
		op.In[2] = op.In[1]
	}
	op.OutBits = 16
	return op
}

var alexLayer = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`AlexNet (conv\d|fc\d|conv layers) batch=(\d+)`) })

// eyeriss runs AlexNet's layers on the shipped machine.
func eyeriss(p published) (float64, bool, error) {
	m := alexLayer().FindStringSubmatch(p.workload)
	if m == nil {
		return 0, false, nil
	}
	w := &workload.Workload{Name: p.workload}
	for _, name := range []string{"conv1", "conv2", "conv3", "conv4", "conv5", "fc1", "fc2", "fc3"} {
		if name == m[1] || m[1] == "conv layers" && strings.HasPrefix(name, "conv") {
			w.Ops = append(w.Ops, alexNet[name])
		}
	}
	set := []string{"batch=" + m[2]}
	if strings.HasPrefix(p.metric, "normalised") {
		set = append(set, "array.rows=16", "array.cols=16") // the array of the paper's analysis
	}
	acc, err := arch.Load("eyeriss-v1-65nm", set)
	if err != nil {
		return 0, false, err
	}
	r, err := sim.Run(context.Background(), acc, w, sim.Options{})
	if err != nil {
		return 0, false, err
	}
	t := &r.Totals
	mac := acc.Energy.MAC.PJPerMAC
	switch p.metric {
	case "MACs":
		return float64(t.MACs) / 1e6, true, nil
	case "active_PEs":
		return float64(t.MACs) / float64(t.Stalls.Compute), true, nil
	case "processing_latency":
		return t.LatencyS * 1e3, true, nil
	case "throughput":
		return float64(r.Batch) / t.LatencyS, true, nil
	case "power":
		return (t.Energy.Total() - t.Energy.DRAM) * 1e-9 / t.LatencyS, true, nil // the chip's own
	case "normalised_energy_ALU":
		return t.Energy.MAC / mac / 1e9, true, nil
	case "normalised_energy_RF":
		return t.Energy.Register / (16 * acc.Energy.Register.Value) / 1e9, true, nil // 1 per word
	}
	return 0, false, nil
}

func unpu(p published) (float64, bool, error) {
	acc, err := arch.Load("unpu-65nm", nil)
	if err != nil {
		return 0, false, err
	}
	var bits int
	switch p.metric {
	case "peak":
		if n, _ := fmt.Sscanf(p.workload, "%db weights", &bits); n == 1 {
			ops, ok := peakOps("unpu-65nm", bits, 16)
			return ops / 1e9, ok, nil
		}
	case "frequency":
		return acc.ClockHz / 1e6, true, nil
	case "area":
		return acc.Area.Chip.Value, true, nil
	case "energy_reduction":
		if n, _ := fmt.Sscanf(p.workload, "LBPE vs fixed MAC %db", &bits); n == 1 {
			return 100 * (1 - arch.LUTRatio(bits)), true, nil
		}
	}
	return 0, false, nil
}

func tpu(p published) (float64, bool, error) {
	acc, err := arch.Load("tpu-v1", nil)
	if err != nil {
		return 0, false, err
	}
	macs, err := sim.PeakMACs(acc, 8, 8)
	switch p.metric {
	case "count":
		return macs, true, err
	case "throughput":
		return 2 * macs * acc.ClockHz / 1e12, true, err
	}
	return 0, false, err
}

// xpulpnn compares a convolution on the cluster with and without sub-byte SIMD.
func xpulpnn(p published) (float64, bool, error) {
	var bits int
	if n, _ := fmt.Sscanf(p.workload, "%d-bit conv kernel", &bits); n != 1 || p.metric != "speedup" {
		return 0, false, nil
	}
	w := &workload.Workload{Ops: []workload.Op{conv(32, 64, 16, 3, 1, uint8(bits), uint8(bits))}}
	var cycles [2]float64
	for i, name := range []string{"pulp-8bit", "xpulpnn-8core-22nm"} {
		acc, err := arch.Load(name, []string{"memory.kind=ideal"})
		if err != nil {
			return 0, false, err
		}
		r, err := sim.Run(context.Background(), acc, w, sim.Options{})
		if err != nil {
			return 0, false, err
		}
		cycles[i] = float64(r.Totals.Cycles)
	}
	return cycles[0] / cycles[1], true, nil
}
