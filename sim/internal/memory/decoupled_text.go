package memory

import "fmt"

// Assumptions describes the units, the path and who cuts the layers.
func (m *Decoupled) Assumptions() []string {
	q, c, o := &m.mem.Requests, &m.mem.Cache, &m.mem.Outer
	path := fmt.Sprintf("requests of %d to %d bytes, %d outstanding, %g bytes a cycle from memory", q.BeatBytes, q.MaxBytes, q.InFlight, m.path.Refill)
	if c.Bytes > 0 {
		path += fmt.Sprintf(", through a cache of %d KiB", c.Bytes>>10)
	}
	if o.Bytes > 0 {
		path += fmt.Sprintf(" and an outer one of %d KiB", o.Bytes>>10)
	}
	list := []string{storageText(&m.chip.Storage), fmt.Sprintf("load, execute and store units with %d calls in turn; %s", q.Calls, path)}
	if c.Bytes > 0 {
		list = append(list, "caches "+m.modelText()+", "+map[string]string{
			"cold": "empty before each layer", "outer": "the outer one with the layer's tensors in it before it starts", "warm": "with the layer's tensors in them before it starts",
		}[m.mem.Start]+"; their accesses take no energy")
	}
	if m.vendor {
		list = append(list, fmt.Sprintf("layers cut by the rule of Gemmini's library, which takes the host %g cycles for each call that it tries", m.host.TrialCycles))
	} else {
		list = append(list, "layers cut by a search over halved extents, which takes no time")
	}
	return list
}

func (m *Decoupled) modelText() string {
	if m.limit > 0 {
		return fmt.Sprintf("line by line, layers of more than %d requests by the footprint of their loops", m.limit)
	}
	return "by the footprint of loops"
}
