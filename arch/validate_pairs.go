package arch

import (
	"slices"
	"strings"

	"bitcycle/internal/strict"
)

// choice is a key that takes one of a few values.
type choice struct {
	key string
	of  func(a *Accelerator) any
	is  func(a *Accelerator, v any) bool // of(a) == v, with nothing boxed
}

func keyOf[T comparable](key string, of func(a *Accelerator) T) choice {
	return choice{key, func(a *Accelerator) any { return of(a) }, func(a *Accelerator, v any) bool { return of(a) == v.(T) }}
}

var (
	engineKey      = keyOf("engine", func(a *Accelerator) string { return string(a.Engine) })
	serialKey      = keyOf("array.serial", func(a *Accelerator) string { return a.Array.Serial })
	actPlaneKey    = keyOf("array.serial_bits", func(a *Accelerator) int { return a.Array.SerialBits })
	weightPlaneKey = keyOf("array.serial_weight_bits", func(a *Accelerator) int { return a.Array.SerialWeightBits })
	speedupKey     = keyOf("array.one_bit_speedup", func(a *Accelerator) float64 { return a.Array.OneBitSpeedup })
	syncKey        = keyOf("array.sync", func(a *Accelerator) string { return a.Array.Sync })
	dataflowKey    = keyOf("array.dataflow", func(a *Accelerator) string { return a.Array.Dataflow })
	orderKey       = keyOf("array.order", func(a *Accelerator) string { return a.Array.Order })
	depthwiseKey   = keyOf("array.depthwise_lanes", func(a *Accelerator) int { return a.Array.DepthwiseLanes })
	unifiedKey     = keyOf("buffers.unified", func(a *Accelerator) bool { return a.Buffers.Unified })
	kindKey        = keyOf("memory.kind", func(a *Accelerator) string { return a.Memory.Kind })
	externalKey    = keyOf("memory.external", func(a *Accelerator) bool { return a.Memory.External })
	portsKey       = keyOf("memory.ports", func(a *Accelerator) string { return a.Memory.Ports })
	overlapKey     = keyOf("memory.overlap", func(a *Accelerator) string { return a.Memory.Overlap })
	metadataKey    = keyOf("memory.metadata", func(a *Accelerator) bool { return a.Memory.Metadata })
	groupKey       = keyOf("memory.group_bits", func(a *Accelerator) int { return a.Memory.GroupBits })
	readOutputsKey = keyOf("memory.read_outputs", func(a *Accelerator) bool { return a.Memory.ReadOutputs })
	objectiveKey   = keyOf("mapping.objective", func(a *Accelerator) string { return a.Mapping.Objective })
	tilingKey      = keyOf("mapping.tiling", func(a *Accelerator) string { return a.Mapping.Tiling })
	reduceKey      = keyOf("array.reduce_by", func(a *Accelerator) string { return a.Array.ReduceBy })
	firstFlatKey   = keyOf("array.first_layer_flat", func(a *Accelerator) bool { return a.Array.FirstLayerFlat })
	packKey        = keyOf("array.pack", func(a *Accelerator) bool { return a.Array.Pack })
	layoutKey      = keyOf("memory.layout", func(a *Accelerator) string { return a.Memory.Layout })
	dramModelKey   = keyOf("energy.dram_model", func(a *Accelerator) string { return a.Energy.DRAMModel })
)

// pair is a value of one key that goes only with some values of another.
type pair struct {
	choice
	value any
	needs choice
	want  []any
	why   string
	// firm: where both stand in one file, the other value is the wrong one.
	firm bool
	// flat: only where memory.kind is flat; elsewhere the value is not looked at.
	flat bool
}

func only(v ...any) []any { return v }

// pairs are the choices that exclude each other; docs/machine-model.md, section 8.6.
var pairs = slices.Concat(
	[]pair{
		{choice: kindKey, value: "dram", needs: overlapKey, want: only("tiles"), why: "transfers are simulated one by one", firm: true},
		{choice: kindKey, value: "dram", needs: portsKey, want: only("shared"), why: "it is behind one port", firm: true},
		{choice: kindKey, value: "flat", needs: overlapKey, want: only("tiles", "max", "steady", "fitted", "decoupled", "queues"), why: "it takes time; memory that takes none is ideal", firm: true},
		{choice: overlapKey, value: "queues", needs: portsKey, want: only("shared"), why: "load and save queues share it", flat: true},
		{choice: dramModelKey, value: "idd", needs: kindKey, want: only("dram"), why: "the currents are those of a DRAM that runs"},
		{choice: orderKey, value: "lpt", needs: syncKey, want: only("lane")},
		{choice: externalKey, value: false, needs: kindKey, want: only("ideal"), why: "ports of the others lead to external memory"},
		{choice: dataflowKey, value: "is", needs: syncKey, want: only("tile"), why: "channels stream by one after the other, none waits for another"},
	},
	imitation("steady", Fusion, "Bit Fusion's simulator", []need{
		{depthwiseKey, 1}, {unifiedKey, false}, {portsKey, "shared"}, {readOutputsKey, true}, {metadataKey, false}, {groupKey, 0}, {objectiveKey, "cycles"},
	}),
	imitation("fitted", BitSerial, "HAQ's latency table", []need{
		{serialKey, "both"},
		{actPlaneKey, 1},
		{weightPlaneKey, 1},
		{speedupKey, 1.0},
		{syncKey, "tile"},
		{unifiedKey, false},
		{portsKey, "split"},
		{readOutputsKey, false},
		{metadataKey, false},
		{groupKey, 0},
	}),
	[]pair{{choice: tilingKey, value: "gemmini-auto", needs: overlapKey, want: only("decoupled"), why: "it cuts a layer into calls of its units", flat: true}},
	ownUnits("decoupled", []need{
		{dataflowKey, "ws"},
		{reduceKey, "channel"},
		{firstFlatKey, false},
		{packKey, false},
		{syncKey, "tile"},
		{depthwiseKey, 1},
		{unifiedKey, true},
		{portsKey, "shared"},
		{layoutKey, "native"},
		{readOutputsKey, false},
		{metadataKey, false},
		{objectiveKey, "cycles"},
	}),
)

// need is a key with the one value that it can have.
type need struct {
	choice
	value any
}

// imitation are the pairs of a memory system that imitates a peer: its engine comes
// first, then what it does not model and would leave out in silence.
func imitation(overlap string, engine Engine, of string, needs []need) []pair {
	list := []pair{{
		choice: overlapKey, value: overlap, needs: engineKey, want: only(string(engine)),
		why: "it imitates " + of + "; tiles and max go with every engine",
	}}
	for _, n := range needs {
		list = append(list, pair{choice: overlapKey, value: overlap, needs: n.choice, want: only(n.value), flat: true})
	}
	return list
}

// ownUnits are the pairs of a memory system with load and store units of its own.
func ownUnits(overlap string, needs []need) []pair {
	list := []pair{{
		choice: overlapKey, value: overlap, needs: engineKey, want: only(string(Systolic)),
		why: "its units feed such an array; tiles and max go with every engine",
	}}
	for _, n := range needs {
		list = append(list, pair{choice: overlapKey, value: overlap, needs: n.choice, want: only(n.value), flat: true})
	}
	return list
}

// checkPairs reports the pairs that exclude each other, of values that are good by
// themselves. One that is on the wrong engine is reported for that alone.
func (a *Accelerator) checkPairs(r *rules) {
	var bad map[string]bool
	for _, e := range r.broken {
		bad = mark(bad, e.Key)
	}
	for i := range pairs {
		p := &pairs[i]
		if !p.broken(a) || bad[p.key] || bad[p.needs.key] {
			continue
		}
		if r.broken = append(r.broken, p.problem(p.needs.of(a))); p.needs.key == "engine" {
			bad = mark(bad, p.key)
		}
	}
}

func mark(set map[string]bool, key string) map[string]bool {
	if set == nil {
		set = map[string]bool{}
	}
	set[key] = true
	return set
}

// broken tells whether a machine has the one value without one that it needs.
func (p *pair) broken(a *Accelerator) bool {
	if !p.is(a, p.value) || p.flat && a.Memory.Kind != "flat" {
		return false
	}
	for _, v := range p.want {
		if p.needs.is(a, v) {
			return false
		}
	}
	return true
}

// problem tells a broken pair as a fault of the one value and of the other.
func (p *pair) problem(have any) *KeyError {
	why := ""
	if p.why != "" {
		why = ": " + p.why
	}
	own := &KeyError{Key: p.key, Value: p.value, Rule: "needs " + p.needs.key + " = " + p.allowed() + why}
	other := &KeyError{Key: p.needs.key, Value: have, Rule: p.key + " = " + strict.Format(p.value) + " needs " + p.allowed() + why}
	if p.firm {
		own, other = other, own
	}
	own.other = other
	return own
}

func (p *pair) allowed() string {
	list := make([]string, len(p.want))
	for i, v := range p.want {
		list[i] = strict.Format(v)
	}
	return strings.Join(list, " | ")
}
