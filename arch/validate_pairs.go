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
}

var (
	engineKey      = choice{"engine", func(a *Accelerator) any { return string(a.Engine) }}
	serialKey      = choice{"array.serial", func(a *Accelerator) any { return a.Array.Serial }}
	actPlaneKey    = choice{"array.serial_bits", func(a *Accelerator) any { return a.Array.SerialBits }}
	weightPlaneKey = choice{"array.serial_weight_bits", func(a *Accelerator) any { return a.Array.SerialWeightBits }}
	speedupKey     = choice{"array.one_bit_speedup", func(a *Accelerator) any { return a.Array.OneBitSpeedup }}
	syncKey        = choice{"array.sync", func(a *Accelerator) any { return a.Array.Sync }}
	dataflowKey    = choice{"array.dataflow", func(a *Accelerator) any { return a.Array.Dataflow }}
	orderKey       = choice{"array.order", func(a *Accelerator) any { return a.Array.Order }}
	depthwiseKey   = choice{"array.depthwise_lanes", func(a *Accelerator) any { return a.Array.DepthwiseLanes }}
	unifiedKey     = choice{"buffers.unified", func(a *Accelerator) any { return a.Buffers.Unified }}
	kindKey        = choice{"memory.kind", func(a *Accelerator) any { return a.Memory.Kind }}
	portsKey       = choice{"memory.ports", func(a *Accelerator) any { return a.Memory.Ports }}
	overlapKey     = choice{"memory.overlap", func(a *Accelerator) any { return a.Memory.Overlap }}
	metadataKey    = choice{"memory.metadata", func(a *Accelerator) any { return a.Memory.Metadata }}
	readOutputsKey = choice{"memory.read_outputs", func(a *Accelerator) any { return a.Memory.ReadOutputs }}
	objectiveKey   = choice{"mapping.objective", func(a *Accelerator) any { return a.Mapping.Objective }}
	dramModelKey   = choice{"energy.dram_model", func(a *Accelerator) any { return a.Energy.DRAMModel }}
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
		{choice: kindKey, value: "flat", needs: overlapKey, want: only("tiles", "max", "steady", "fitted"), why: "it takes time; memory that takes none is ideal", firm: true},
		{choice: dramModelKey, value: "idd", needs: kindKey, want: only("dram"), why: "the currents are those of a DRAM that runs"},
		{choice: orderKey, value: "lpt", needs: syncKey, want: only("lane")},
		{choice: dataflowKey, value: "is", needs: syncKey, want: only("tile"), why: "channels stream by one after the other, none waits for another"},
	},
	imitation("steady", Fusion, "Bit Fusion's simulator", []need{
		{depthwiseKey, 1}, {unifiedKey, false}, {portsKey, "shared"}, {readOutputsKey, true}, {metadataKey, false}, {objectiveKey, "cycles"},
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

// checkPairs reports the pairs that exclude each other, of values that are good by
// themselves. One that is on the wrong engine is reported for that alone.
func (a *Accelerator) checkPairs(r *rules) {
	bad := map[string]bool{}
	for _, e := range r.broken {
		bad[e.Key] = true
	}
	for i := range pairs {
		p := &pairs[i]
		if p.of(a) != p.value || p.flat && a.Memory.Kind != "flat" || bad[p.key] || bad[p.needs.key] {
			continue
		}
		if have := p.needs.of(a); !slices.Contains(p.want, have) {
			r.broken = append(r.broken, p.problem(have))
			bad[p.key] = p.needs.key == "engine"
		}
	}
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
