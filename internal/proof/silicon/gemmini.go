package silicon

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

const (
	gemminiMachine = "gemmini-firesim"
	gemminiOwn     = "Gemmini RTL, own tiling"
	gemminiGiven   = "Gemmini RTL, given mapping"
	gemminiDefault = "Gemmini RTL, own tiling, on gemmini-default"
	byFootprint    = ", caches by footprint"
)

// gemmini is Gemmini's RTL in FireSim (ucb-bar/dosa@a7a3239, data/firesim_test_data), one
// image for all rows: layers cut by the library's rule, whose search is part of the
// figure, and by a mapping of DOSA's that ran right after on the same arrays.
var gemmini = Set{
	File: "gemmini_rtl.csv", Title: "Gemmini in FireSim",
	Includes: `Cycles of a 1 GHz target clock that a Rocket core reads around one call of the tiled layer and its fence
(ucb-bar/dosa@a7a3239): its own loops and instructions, all transfers through L2, outer cache and DRAM, and with the library's own tiling the
search for it. Printing is outside.`,
	Unexplained: `The base address of a row's arrays is not known, and repeats of one shape differ by 3.9 % in the mean for it: no model of shapes alone gets below.
Write-bound layers and products of one column are too fast; by footprint, caches that lines meet by chance are a mean.`,

	Figures: []Figure{
		{
			gemminiOwn, gemminiMachine, "RTL",
			Bar{Mean: 0.09, Median: 0.08, Rank: 0.98},
			"cycles between two reads of the core's counter, the tile search on the core included; three builds of one program differ by 8.5 % in the median and 50 % at most, since no row gives the arrays' addresses; unexplained: 1×1 at stride 2, products of one column, 2×2 windows on large maps",
		},
		{
			gemminiGiven, gemminiMachine, "RTL",
			Bar{Mean: 0.09, Median: 0.05, Bias: 0.04, Rank: 0.98},
			"the same layers in DOSA's tiles and loops, without a search, caches warm from the run before; partial sums are not spilled where the reduction is outside, as the program ran",
		},
		{
			gemminiOwn + byFootprint, gemminiMachine, "RTL",
			Bar{Mean: 0.14},
			"the fast form: misses by the sizes of loops, no line is simulated",
		},
		{
			gemminiGiven + byFootprint, gemminiMachine, "RTL",
			Bar{Mean: 0.14},
			"the fast form: misses by the sizes of loops, no line is simulated",
		},
		{
			gemminiDefault, "gemmini-default", "RTL",
			Bar{},
			"the same mechanisms and constants on another memory system: the rows' machine has an outer cache of 4 MiB with the tensors in it and scratchpads of 4 MiB, gemmini-default neither, and starts each layer with empty caches",
		},
	},
	Open: func(fs.FS) (Comparer, error) { return gemminiRow, nil },
}

func gemminiRow(r proof.Record) ([]Reading, error) {
	op, err := gemminiOp(r)
	if err != nil {
		return nil, err
	}
	loops, err := gemminiLoops(r)
	if err != nil {
		return nil, err
	}
	var list []Reading
	add := func(figure, column string, machine string, loops *sim.Loops, set ...string) {
		if err != nil || !r.Has(column) {
			return
		}
		var cycles float64
		if cycles, err = gemminiCycles(op, machine, loops, set); err != nil {
			return
		}
		list = append(list, Reading{figure, r.Text("id"), sim.ShapeOf(op).String(), "cycles", r.Number(column), cycles, ""})
	}
	const fast = "memory.cache_model=footprint"
	add(gemminiOwn, "rtl_auto_cycles", gemminiMachine, nil)
	add(gemminiGiven, "rtl_map_cycles", gemminiMachine, loops, "memory.start=warm")
	add(gemminiOwn+byFootprint, "rtl_auto_cycles", gemminiMachine, nil, fast)
	add(gemminiGiven+byFootprint, "rtl_map_cycles", gemminiMachine, loops, "memory.start=warm", fast)
	add(gemminiDefault, "rtl_auto_cycles", "gemmini-default", nil)
	return list, err
}

// gemminiOp is the layer of a row. The columns name a convolution's kernel R×S, its
// outputs Q×P, its channels C and K; of a product P positions, C inner and K outputs.
func gemminiOp(r proof.Record) (*workload.Op, error) {
	const widest = 1 << 14
	whole := func(name string) int { return min(max(r.Whole(name), 0), widest) }
	op := &workload.Op{Name: r.Text("id"), Groups: 1, Batch: max(1, whole("N")), M: whole("K"), WeightBits: workload.Widths{8}, ActBits: 8, OutBits: 8}
	if r.Text("kind") == "matmul" {
		op.Kind, op.K, op.N = workload.MatMul, whole("C"), whole("P")
		return op, nil
	}
	if !strings.HasPrefix(r.Text("kind"), "conv") {
		return nil, Skip("of kind %s", r.Text("kind"))
	}
	op.Kind, op.K = workload.Conv, whole("C")*whole("R")*whole("S")
	op.In, op.Kernel = [3]int{whole("C"), whole("in_h"), whole("in_w")}, [2]int{whole("S"), whole("R")}
	op.Stride, op.Dilation = [2]int{whole("stride"), whole("stride")}, [2]int{1, 1}
	pad := whole("pad")
	op.Pad = [4]int{pad, pad, pad, pad}
	for i := range op.Out {
		op.Out[i] = (op.In[i+1]+2*pad-op.Kernel[i])/max(1, op.Stride[i]) + 1
	}
	op.N = op.Out[0] * op.Out[1]
	return op, nil
}

// gemminiLoops is the given mapping of a row; its order is written from the inside out.
func gemminiLoops(r proof.Record) (*sim.Loops, error) {
	size := func(column string) int { return max(1, r.Whole("map_tile_"+column)) }
	loops := &sim.Loops{
		B: size("N"), OH: size("Q_orows"), OW: size("P_ocols"), OC: size("K_ochs"), KH: size("S_krows"), KW: size("R_kcols"), IC: size("C_kchs"),
	}
	names := map[rune]string{'N': "B", 'Q': "OH", 'P': "OW", 'K': "OC", 'S': "KH", 'R': "KW", 'C': "IC"}
	for _, letter := range r.Text("map_loop_order_inner_first") {
		name, known := names[letter]
		if !known {
			return nil, fmt.Errorf("%s: map_loop_order_inner_first: no loop %q", r.Where(), letter)
		}
		loops.Order = append([]string{name}, loops.Order...)
	}
	return loops, nil
}

// gemminiRuns are the cycles of what has been run: rows repeat each other.
var gemminiRuns sync.Map

// gemminiCycles runs a layer by itself.
func gemminiCycles(op *workload.Op, machine string, loops *sim.Loops, set []string) (float64, error) {
	alone := *op
	alone.Name = "layer"
	key := fmt.Sprint(machine, alone, loops, set)
	if known, ok := gemminiRuns.Load(key); ok {
		return known.(float64), nil
	}
	acc, err := arch.Load(machine, set)
	if err != nil {
		return 0, err
	}
	res, err := sim.Run(context.Background(), acc, &workload.Workload{Name: "layer", Ops: []workload.Op{alone}}, sim.Options{Loops: loops})
	if err != nil {
		return 0, err
	}
	cycles := float64(res.Totals.Cycles)
	gemminiRuns.Store(key, cycles)
	return cycles, nil
}
