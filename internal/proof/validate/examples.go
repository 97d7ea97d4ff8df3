package validate

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"sort"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	"bitcycle/internal/proof/validate/replay"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// example is a worked example: a model with inputs, and what it must give.
type example struct {
	ID     string                     `json:"id"`
	Model  string                     `json:"model"`
	Inputs json.RawMessage            `json:"inputs"`
	Expect map[string]json.RawMessage `json:"expect"`
}

// product holds the inputs of the array models. Unset machine keys take the
// hardware model's defaults: 8-bit elements that pack, widths 2, 4, 8 and 16.
type product struct {
	M, K, N       int
	R, C          int
	Dm, Dk, Dn    int
	Lat, Issue    int
	W             bitList `json:"w"`
	A             int     `json:"a"`
	Overlap       bool
	Order, Sync   string
	Drain         int
	Fill          *int
	Reconfig      int
	GroupSize     int `json:"gs"`
	PSB           int `json:"psb"`
	Pw, Pa        int
	Widths        []int
	WeightWidths  []int `json:"w_widths"`
	ActWidths     []int `json:"a_widths"`
	Serial        string
	Stripe        int
	Batch, Groups int
}

// bitList is one width for all channels or a list.
type bitList []uint8

func (b *bitList) UnmarshalJSON(text []byte) error {
	var one uint8
	if json.Unmarshal(text, &one) == nil {
		*b = bitList{one}
		return nil
	}
	var many []int
	if err := json.Unmarshal(text, &many); err != nil {
		return err
	}
	*b = nil
	for _, w := range many {
		*b = append(*b, uint8(w))
	}
	return nil
}

// examples runs the worked examples: exact totals and parts.
func examples(golden fs.FS) ([]proof.Source, error) {
	const path = "cycles/examples.json"
	text, err := fs.ReadFile(golden, path)
	if err != nil {
		return nil, err
	}
	var list []example
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	var rows []proof.Row
	for _, e := range list {
		r, err := e.rows()
		if err != nil { // an example that is not understood has not been passed
			r = []proof.Row{proof.Compare(e.ID, err.Error(), 1, 0)}
		}
		rows = append(rows, r...)
	}
	s := proof.NewSource("worked examples", "all exact", "array, pipeline and DRAM examples of the hardware model, totals, causes and timelines", rows, proof.AllExact)
	return []proof.Source{s}, nil
}

func (e *example) rows() ([]proof.Row, error) {
	switch e.Model {
	case "ws", "os", "is", "bitserial", "fusion":
		return e.array()
	case "pipeline":
		return e.pipeline()
	case "dram":
		return e.dram()
	}
	return nil, fmt.Errorf("no model %q: want ws, os, is, bitserial, fusion, pipeline or dram", e.Model)
}

// array runs a product on an array with memory that takes no time.
func (e *example) array() ([]proof.Row, error) {
	var p product
	if err := strict(e.Inputs, &p); err != nil {
		return nil, err
	}
	acc := p.machine(e.Model)
	groups := max(p.Groups, 1)
	w := &workload.Workload{Ops: []workload.Op{{
		Name: "product", Kind: workload.MatMul, M: p.M, K: p.K, N: p.N, Groups: groups, Batch: max(p.Batch, 1),
		WeightBits: workload.Widths(p.W), ActBits: uint8(p.A),
	}}}
	r, err := sim.Run(context.Background(), acc, w, sim.Options{})
	if err != nil {
		return nil, err
	}
	return e.compareParts(r.Totals.Cycles, r.Totals.Stalls)
}

// machine is the accelerator of an array example.
func (p *product) machine(model string) *arch.Accelerator {
	widths := func(lists ...[]int) []int {
		for _, l := range lists {
			if len(l) > 0 {
				return l
			}
		}
		return []int{2, 4, 8, 16}
	}
	fill := -1
	if p.Fill != nil {
		fill = *p.Fill
	}
	acc := &arch.Accelerator{Name: model, Batch: 1, ClockHz: 1e9, Array: arch.Array{
		Rows: p.R, Cols: p.C, Dataflow: model, ShadowWeights: p.Overlap, DrainCycles: p.Drain,
		NativeWeightBits: orDefault(p.Pw, 8), NativeActBits: orDefault(p.Pa, 8), Pack: true,
		Sync: p.Sync, Order: p.Order, GroupSize: p.GroupSize, FillCycles: fill, ReconfigCycles: p.Reconfig,
	}}
	acc.Array.WeightWidths = widths(p.WeightWidths, p.Widths)
	acc.Array.ActWidths = widths(p.ActWidths, p.Widths)
	switch model {
	case "bitserial":
		acc.Engine = arch.BitSerial
		a := &acc.Array
		a.Rows, a.Cols, a.Dot = p.Dm, p.Dn, p.Dk
		a.LatencyCycles, a.IssueCycles, a.StripeCycles, a.SerialBits, a.Serial = p.Lat, p.Issue, p.Stripe, p.PSB, p.Serial
		a.WeightWidths, a.ActWidths, a.FillCycles = p.WeightWidths, p.ActWidths, 0
	case "fusion":
		acc.Engine = arch.Fusion
	default:
		acc.Engine = arch.Systolic
	}
	return acc
}

func orDefault(n, other int) int {
	if n == 0 {
		return other
	}
	return n
}

// tileInput is a tile of a pipeline example.
type tileInput struct {
	W, I, O, C int64
	Parts      parts
}

// rates is one rate for all ports, or an object with one for each.
type rates struct{ W, I, O float64 }

func (r *rates) UnmarshalJSON(text []byte) error {
	var one float64
	if json.Unmarshal(text, &one) == nil {
		*r = rates{one, one, one}
		return nil
	}
	type plain rates
	return json.Unmarshal(text, (*plain)(r))
}

// parts are causes by the names of the examples.
type parts struct{ Compute, Fill, Imbalance, WLoad, Input, Output, DRAM int64 }

func (p parts) stalls(c int64) sim.Stalls {
	s := sim.Stalls{Compute: p.Compute, Fill: p.Fill, Imbalance: p.Imbalance, WeightLoad: p.WLoad, Input: p.Input, Output: p.Output, DRAM: p.DRAM}
	if s.Total() == 0 {
		s.Compute = c
	}
	return s
}

func (e *example) pipeline() ([]proof.Row, error) {
	var in struct {
		Tiles []tileInput
		BW    rates
		Lat   int64
		NBuf  int
		Ports string
	}
	if err := strict(e.Inputs, &in); err != nil {
		return nil, err
	}
	port := sim.Port{
		BytesPerCycle: in.BW.W, Split: in.Ports == "split", WeightRate: in.BW.W, InputRate: in.BW.I, OutputRate: in.BW.O,
		Latency: in.Lat, Buffers: orDefault(in.NBuf, 2),
	}
	var tiles []sim.Tile
	for _, t := range in.Tiles {
		tiles = append(tiles, sim.Tile{Weights: t.W, Inputs: t.I, Outputs: t.O, Cycles: t.C, Parts: t.Parts.stalls(t.C)})
	}
	line := sim.Pipeline(tiles, port)
	rows, err := e.compareParts(line.Cycles, line.Parts)
	if err != nil {
		return nil, err
	}
	more, err := e.compareTimeline(line)
	return append(rows, more...), err
}

// compareTimeline compares starts, ends and bus transfers where the example has them.
func (e *example) compareTimeline(line sim.Timeline) ([]proof.Row, error) {
	var rows []proof.Row
	for _, want := range []struct {
		key string
		got any
	}{{"start", line.Start}, {"end", line.End}, {"bus", bus(line.Bus)}} {
		text, ok := e.Expect[want.key]
		if !ok {
			continue
		}
		got, err := json.Marshal(want.got)
		if err != nil {
			return nil, err
		}
		same, err := equalJSON(text, got)
		if err != nil {
			return nil, err
		}
		equal := 0.0
		if same {
			equal = 1
		}
		rows = append(rows, proof.Compare(e.ID, want.key, 1, equal))
	}
	return rows, nil
}

func bus(list []sim.Transfer) [][4]any {
	out := [][4]any{}
	for _, t := range list {
		out = append(out, [4]any{t.Start, t.End, string(t.Kind), t.Tile})
	}
	return out
}

// dram replays an address trace on one channel.
func (e *example) dram() ([]proof.Row, error) {
	var trace replay.Replay
	if err := json.Unmarshal(e.Inputs, &trace); err != nil {
		return nil, err
	}
	spec, err := arch.LoadDRAM(trace.Preset)
	if err != nil {
		return nil, err
	}
	stats, err := trace.Run(*spec)
	if err != nil {
		return nil, err
	}
	got := map[string]int64{"first": stats.First, "last": stats.Last, "act": stats.Act, "pre": stats.Pre, "ref": stats.Ref, "hits": stats.Hits, "rd": stats.Rd, "wr": stats.Wr}
	var rows []proof.Row
	for _, key := range sortedKeys(e.Expect) {
		value, ok := got[key]
		if !ok {
			return nil, fmt.Errorf("expect.%s: not a DRAM figure", key)
		}
		var want int64
		if err := json.Unmarshal(e.Expect[key], &want); err != nil {
			return nil, fmt.Errorf("expect.%s: %w", key, err)
		}
		rows = append(rows, proof.Compare(e.ID, key, float64(want), float64(value)))
	}
	return rows, nil
}

func (e *example) compareParts(total int64, got sim.Stalls) ([]proof.Row, error) {
	var want struct {
		Total int64
		Parts map[string]int64
	}
	for key, into := range map[string]any{"total": &want.Total, "parts": &want.Parts} {
		if text, ok := e.Expect[key]; ok {
			if err := json.Unmarshal(text, into); err != nil {
				return nil, fmt.Errorf("expect.%s: %w", key, err)
			}
		}
	}
	parts := map[string]int64{"compute": got.Compute, "fill": got.Fill, "imbalance": got.Imbalance, "wload": got.WeightLoad, "input": got.Input, "output": got.Output, "dram": got.DRAM}
	rows := []proof.Row{proof.Compare(e.ID, "total", float64(want.Total), float64(total))}
	for _, key := range sortedKeys(want.Parts) {
		value, ok := parts[key]
		if !ok {
			return nil, fmt.Errorf("expect.parts.%s: not a cause", key)
		}
		rows = append(rows, proof.Compare(e.ID, key, float64(want.Parts[key]), float64(value)))
	}
	return rows, nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
