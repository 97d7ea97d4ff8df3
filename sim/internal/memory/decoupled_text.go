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
		}[m.mem.Start])
		list = append(list, m.cacheText())
	}
	if m.vendor {
		list = append(list, fmt.Sprintf("layers cut by the rule of Gemmini's library, which takes the host %g cycles for each call that it tries", m.host.TrialCycles))
	} else {
		list = append(list, "layers cut by a search over halved extents, which takes no time")
	}
	return list
}

// cacheText says what the cache takes and what it does not.
func (m *Decoupled) cacheText() string {
	p, free := &m.site.Prices.Cache, "its leakage and tags are not charged"
	if m.mem.Outer.Bytes > 0 {
		free = "its leakage and tags and the outer cache, a part of memory, are not charged"
	}
	if p.Read == 0 && p.Write == 0 {
		return "the cache takes no energy: the machine's file gives its scratchpads' energies, not their cells"
	}
	return fmt.Sprintf("the cache takes %.3g pJ a bit read and %.3g written, as a scratchpad of its size (in the component DRAM); %s", p.Read, p.Write, free)
}

func (m *Decoupled) modelText() string {
	if m.limit > 0 {
		return fmt.Sprintf("line by line, layers of more than %d requests by the footprint of their loops", m.limit)
	}
	return "by the footprint of loops"
}
