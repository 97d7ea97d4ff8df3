package arch

import (
	"slices"
	"strings"
)

// choice is a key that takes one of a few values.
type choice struct {
	key string
	of  func(a *Accelerator) any
}

var (
	engineKey      = choice{"engine", func(a *Accelerator) any { return string(a.Engine) }}
	serialKey      = choice{"array.serial", func(a *Accelerator) any { return a.Array.Serial }}
	syncKey        = choice{"array.sync", func(a *Accelerator) any { return a.Array.Sync }}
	orderKey       = choice{"array.order", func(a *Accelerator) any { return a.Array.Order }}
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

// pairs are the choices that exclude each other. What a memory system would leave
// out in silence is refused as well: docs/machine-model.md, section 8.6.
var pairs = []pair{
	{choice: kindKey, value: "dram", needs: overlapKey, want: only("tiles"), why: "transfers are simulated one by one", firm: true},
	{choice: kindKey, value: "dram", needs: portsKey, want: only("shared"), why: "it is behind one port", firm: true},
	{choice: kindKey, value: "flat", needs: overlapKey, want: only("tiles", "max", "steady", "fitted"), why: "it takes time; memory that takes none is ideal", firm: true},

	{choice: overlapKey, value: "steady", needs: engineKey, want: only(string(Fusion)), why: "it imitates Bit Fusion's simulator; tiles and max go with every engine"},
	{choice: overlapKey, value: "steady", needs: portsKey, want: only("shared"), flat: true},
	{choice: overlapKey, value: "steady", needs: unifiedKey, want: only(false), flat: true},
	{choice: overlapKey, value: "steady", needs: readOutputsKey, want: only(true), flat: true},
	{choice: overlapKey, value: "steady", needs: metadataKey, want: only(false), flat: true},
	{choice: overlapKey, value: "steady", needs: objectiveKey, want: only("cycles"), flat: true},

	{choice: overlapKey, value: "fitted", needs: engineKey, want: only(string(BitSerial)), why: "it imitates HAQ's latency table; tiles and max go with every engine"},
	{choice: overlapKey, value: "fitted", needs: serialKey, want: only("both"), flat: true},
	{choice: overlapKey, value: "fitted", needs: portsKey, want: only("split"), flat: true},
	{choice: overlapKey, value: "fitted", needs: unifiedKey, want: only(false), flat: true},
	{choice: overlapKey, value: "fitted", needs: readOutputsKey, want: only(false), flat: true},
	{choice: overlapKey, value: "fitted", needs: metadataKey, want: only(false), flat: true},

	{choice: dramModelKey, value: "idd", needs: kindKey, want: only("dram"), why: "the currents are those of a DRAM that runs"},
	{choice: orderKey, value: "lpt", needs: syncKey, want: only("lane")},
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
	other := &KeyError{Key: p.needs.key, Value: have, Rule: p.key + " = " + format(p.value) + " needs " + p.allowed() + why}
	if p.firm {
		own, other = other, own
	}
	own.other = other
	return own
}

func (p *pair) allowed() string {
	list := make([]string, len(p.want))
	for i, v := range p.want {
		list[i] = format(v)
	}
	return strings.Join(list, " | ")
}
