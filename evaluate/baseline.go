package evaluate

import (
	"fmt"
	"math"
	"slices"
)

// Factor is an entry against the baseline's of the same network.
type Factor struct {
	Network         string // "" for the geometric mean over networks
	Machine, Method string
	Speedup         float64 // latency of the baseline over that of the entry
	EnergyGain      float64 // energy of the baseline over that of the entry
}

// Against sets entries against a baseline: a machine, of which the rows of the same
// method are taken, or a method, of which those of the same machine are. Where there are
// several networks, geometric means over them follow.
func Against(entries []Entry, baseline string) ([]Factor, error) {
	byMachine := slices.ContainsFunc(entries, func(e Entry) bool { return e.Machine == baseline })
	if !byMachine && !slices.ContainsFunc(entries, func(e Entry) bool { return e.Method == baseline }) {
		return nil, fmt.Errorf("baseline %q: must be one of the machines or methods compared", baseline)
	}
	var all []Factor
	for i := range entries {
		e := &entries[i]
		at := slices.IndexFunc(entries, func(o Entry) bool {
			if byMachine {
				return o.Network == e.Network && o.Machine == baseline && o.Method == e.Method
			}
			return o.Network == e.Network && o.Method == baseline && o.Machine == e.Machine
		})
		base := &entries[at]
		all = append(all, Factor{e.Network, e.Machine, e.Method, base.LatencyPerImageS() / e.LatencyPerImageS(), base.EnergyPerImagePJ() / e.EnergyPerImagePJ()})
	}
	return append(all, means(all)...), nil
}

// means are the geometric means over networks, none where there is one network.
func means(all []Factor) []Factor {
	var out []Factor
	for _, f := range all {
		if f.Network != all[0].Network {
			break
		}
		n, speed, energy := 0.0, 0.0, 0.0
		for _, o := range all {
			if o.Machine == f.Machine && o.Method == f.Method {
				n, speed, energy = n+1, speed+math.Log(o.Speedup), energy+math.Log(o.EnergyGain)
			}
		}
		if n < 2 {
			return nil
		}
		out = append(out, Factor{"", f.Machine, f.Method, math.Exp(speed / n), math.Exp(energy / n)})
	}
	return out
}
