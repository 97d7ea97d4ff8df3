package silicon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// dpuBoard is a board of Vitis AI's model zoo.
type dpuBoard struct {
	machine string
	begins  string // the board's name of the rows
	cores   string // for people
	time    string // figure: throughput of all cores
	scaling string // figure: throughput over that of one core; "" for one core
	single  string // figure: one image with the host's part; "" where throughput tells
}

const (
	dpuZoo     = "dpu_vitis_zoo.csv"
	dpuOneCore = "kv260"
	dpuNote    = "images per second of the zoo's runs with several threads: the DPU is the bottleneck, host work is beside it"
)

var dpuBoards = []dpuBoard{
	{machine: "dpu-b4096-kv260", begins: "Kria KV260", cores: "one core", time: "DPU B4096, one core (KV260)"},
	{machine: "dpu-b4096-zcu104", begins: "ZCU104", cores: "two cores", time: "DPU B4096, two cores (ZCU104)", scaling: "DPU B4096, two cores over one"},
	{machine: "dpu-b4096-zcu102", begins: "ZCU102", cores: "three cores", time: "DPU B4096, three cores (ZCU102)", scaling: "DPU B4096, three cores over one"},
	{machine: "dpu-b1600-ultra96", begins: "Ultra96", cores: "one core", single: "DPU B1600, one thread (Ultra96)"},
}

// The networks whose detections keep the Arm cores busier than the DPU: more cores do not
// help (0.98 to 0.99 times).
var dpuHostBound = map[string]bool{"ssd-resnet50-fpn": true}

// dpuVitis is Vitis AI's model zoo, its tables of performance.
var dpuVitis = Set{
	File: dpuZoo, Title: "Vitis AI's model zoo on the DPU",
	Includes: `Frames a second of model_zoo/README.md of Xilinx/Vitis-AI v2.5, end to end: several threads on one core are bound by the DPU, whose time they
give. Networks whose layers are not public are left out.`,
	Unexplained: `The compiler's fusion and the sizes of its buffers are not published. Inception v2 of TF-Slim is 20 % too fast: its separable first convolution
is charged eight passes, which is inferred. Networks with large heads are bound by the Arm cores.`,
	Figures: dpuFigures(),
	Open: func(golden fs.FS) (Comparer, error) {
		one, err := oneCore(golden)
		if err != nil {
			return nil, err
		}
		runs := &dpuRuns{map[string]*sim.Result{}}
		return func(r proof.Record) ([]Reading, error) { return runs.zooRow(r, one) }, nil
	},
}

func dpuFigures() []Figure {
	var list []Figure
	for _, b := range dpuBoards {
		bar := Bar{Mean: 0.15, Each: 0.40, Rank: 0.97}
		switch {
		case b.single != "":
			list = append(list, Figure{
				Name: b.single, Machine: b.machine, Kind: "silicon", Bar: bar,
				Note: "milliseconds of one thread: preparing the image on the host is inside, 3.2 ns a byte",
			})
		case b.scaling == "":
			list = append(list, Figure{Name: b.time, Machine: b.machine, Kind: "silicon", Bar: bar, Note: dpuNote})
		default:
			list = append(list,
				Figure{Name: b.time, Machine: b.machine, Kind: "silicon", Bar: bar, Note: dpuNote + "; " + b.cores + " share one DRAM"},
				Figure{Name: b.scaling, Machine: b.machine, Kind: "silicon", Bar: Bar{Mean: 0.08}, Note: "the same network's images per second on " + b.cores + " over those on the KV260's one"})
		}
	}
	return list
}

// oneCore is the images per second of each model on the board of one core.
func oneCore(golden fs.FS) (map[string]float64, error) {
	rows, err := Read(golden, dpuZoo)
	if err != nil {
		return nil, err
	}
	one := map[string]float64{}
	for _, r := range rows {
		if strings.Contains(plain(r.Text("board")), dpuOneCore) && r.Has("fps_multi_thread") {
			one[plain(r.Text("model"))] = r.Number("fps_multi_thread") // a bad cell is told with its row
		}
	}
	return one, nil
}

func dpuBoardOf(r proof.Record) *dpuBoard {
	for i := range dpuBoards {
		if strings.HasPrefix(r.Text("board"), dpuBoards[i].begins) {
			return &dpuBoards[i]
		}
	}
	return nil
}

// dpuRuns are runs by machine and network.
type dpuRuns struct{ done map[string]*sim.Result }

func (d *dpuRuns) zooRow(r proof.Record, one map[string]float64) ([]Reading, error) {
	w, err := dpuNetwork(r, r.Text("model_id"))
	if err != nil {
		return nil, err
	}
	if gop := r.Number("gop_listed"); !listedLike(w, gop) {
		return nil, Skip("of another number of operations than the published network")
	}
	b := dpuBoardOf(r)
	if b == nil {
		return nil, Skip("of a board without a machine")
	}
	res, err := d.run(b.machine, w)
	if err != nil {
		return nil, err
	}
	id := r.Text("id") + " " + r.Text("model")
	ours := res.Figures().ImagesPerS
	if b.single != "" {
		if !r.Has("latency_ms_single_thread") {
			return nil, nil
		}
		return []Reading{{b.single, id, "latency", "ms", r.Number("latency_ms_single_thread"), res.Totals.LatencyS * 1e3, w.Name}}, nil
	}
	measured := r.Number("fps_multi_thread")
	if !r.Has("fps_multi_thread") || measured <= 0 {
		return nil, nil
	}
	if dpuHostBound[w.Name] && b.scaling != "" {
		return nil, Skip("of more cores on a network that the host bounds")
	}
	list := []Reading{{b.time, id, "time an image", "ms", 1000 / measured, 1000 / ours, w.Name}}
	if alone := one[plain(r.Text("model"))]; b.scaling != "" && alone > 0 {
		single, err := d.run(dpuBoards[0].machine, w)
		if err != nil {
			return nil, err
		}
		list = append(list, Reading{b.scaling, id, "images over one core's", "ratio", measured / alone, ours / single.Figures().ImagesPerS, w.Name})
	}
	return list, nil
}

func (d *dpuRuns) run(machine string, w *workload.Workload, set ...string) (*sim.Result, error) {
	key := fmt.Sprint(machine, w.Name, set)
	if r := d.done[key]; r != nil {
		return r, nil
	}
	acc, err := arch.Load(machine, set)
	if err != nil {
		return nil, err
	}
	r, err := sim.Run(context.Background(), acc, w, sim.Options{})
	d.done[key] = r
	return r, err
}

const (
	kvByThroughput = "DPU B4096 (KV260), networks of the second report"
	kvLatency      = "DPU B4096 (KV260), latency of the Python runner"
	kvPower        = "DPU B4096 (KV260), board power"
	// pythonNsPerByte is what the Python runner takes beside the DPU for a byte of input: 7.9
	// more than the zoo's C++ samples and their 3.2.
	pythonNsPerByte = 11.1
)

// dpuKV260 is a report of one board, mean of 30 runs.
var dpuKV260 = Set{
	File: "dpu_kv260.csv", Title: "A second report of the KV260",
	Includes: `Latencies of a Python runner on one board, mean of 30, with its handling of the input, and the power of the board. The repository behind it
is UNCONFIRMED.`,
	Unexplained: `The power of networks that wait for the host is too high.`,

	Figures: []Figure{
		{
			Name: kvByThroughput, Machine: "dpu-b4096-kv260", Kind: "silicon", Bar: Bar{Mean: 0.15, Each: 0.40, Rank: 0.97},
			Note: "the zoo's throughput where it has the model, else the runner's latency less 11.1 ns a byte of input, an estimate",
		},
		{
			Name: kvLatency, Machine: "dpu-b4096-kv260", Kind: "silicon", Bar: Bar{Mean: 0.15, Each: 0.40, Rank: 0.97},
			Note: "single source; the Python runner's handling of the input is inside: 11.1 ns a byte",
		},
		{
			Name: kvPower, Machine: "dpu-b4096-kv260", Kind: "silicon power", Bar: Bar{Mean: 0.20},
			Note: "board under load; the energy of a multiply-accumulate is fitted to these rows",
		},
	},
	Open: func(fs.FS) (Comparer, error) {
		runs := &dpuRuns{map[string]*sim.Result{}}
		return runs.reportRow, nil
	},
}

func (d *dpuRuns) reportRow(r proof.Record) ([]Reading, error) {
	w, err := dpuNetwork(r, "")
	if err != nil {
		return nil, err
	}
	alone, err := d.run("dpu-b4096-kv260", w)
	if err != nil {
		return nil, err
	}
	res, err := d.run("dpu-b4096-kv260", w, fmt.Sprintf("host.ns_per_byte=%g", pythonNsPerByte))
	if err != nil {
		return nil, err
	}
	id := r.Text("id") + " " + r.Text("model")
	latency := r.Number("run_latency_ms")
	dpu := latency - r.Number("input_bytes")*pythonNsPerByte*1e-6
	if r.Has("zoo_kv260_ms_by_throughput") {
		dpu = r.Number("zoo_kv260_ms_by_throughput")
	}
	var list []Reading
	if dpu > 0 {
		list = append(list, Reading{kvByThroughput, id, "DPU time", "ms", dpu, alone.IntervalS * 1e3, w.Name})
	}
	if latency > 0 {
		list = append(list, Reading{kvLatency, id, "latency", "ms", latency, res.Totals.LatencyS * 1e3, w.Name})
	}
	if r.Has("board_load_W") {
		list = append(list, Reading{kvPower, id, "power", "W", r.Number("board_load_W"), res.Figures().AveragePowerW, w.Name})
	}
	return list, nil
}

// tinyEngine is four libraries on one Cortex-M7. Its networks are downloaded by
// mit-han-lab/mcunet and lie in no repository, so that no row can be compared.
var tinyEngine = Set{
	File: "tinyengine.csv", Title: "TinyEngine",
	Includes:    `Milliseconds of four libraries on an STM32H743 (mit-han-lab/tinyengine@47bb283).`,
	Unexplained: `The networks are not public: nothing is compared.`,

	Open: func(fs.FS) (Comparer, error) {
		return func(r proof.Record) ([]Reading, error) {
			if r.Text("network") == "" {
				return nil, errors.New("no network")
			}
			return nil, Skip("of a network whose layers are not public: %s", r.Text("network"))
		}, nil
	},
}
