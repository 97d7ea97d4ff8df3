package sim

// With overlap "max" a layer takes as long as the slowest of the array and the
// ports. The bit-serial array with three ports is the one behind HAQ's latency table
// (Wang et al., CVPR 2019): see loadPaced.

// priceMax prices a layer whose transfers overlap with everything.
func (m *machine) priceMax(l *layer, p *planner) (cost, error) {
	if e, ok := m.engine.(bitSerial); ok && m.port.Split && e.bothSerial() {
		return m.priceLoadPaced(l, p, e), nil
	}
	if err := m.plan(l, p); err != nil {
		return cost{}, err
	}
	t := &p.best[0].tiling
	m.buildTiles(l, p, t, false)
	c := cost{tiling: *t}
	countTiles(p.tiles, p.program, 1, &c)
	m.exposePorts(&c)
	m.finish(l, p, &c)
	return c, nil
}

// exposePorts adds what the busiest port needs beyond the array: on split ports to
// its own cause, on a shared one to the causes by their traffic.
func (m *machine) exposePorts(c *cost) {
	extra := m.transferCycles(c.loaded) - c.parts.Total()
	if extra <= 0 {
		return
	}
	t := c.loaded
	if m.port.Split {
		w, i, o := cyclesAt(t.weights, m.port.WeightRate), cyclesAt(t.inputs, m.port.InputRate), cyclesAt(t.outputs, m.port.OutputRate)
		switch max(w, i, o) {
		case i:
			c.parts.Input += extra
		case w:
			c.parts.WeightLoad += extra
		default:
			c.parts.Output += extra
		}
		return
	}
	total := float64(t.weights + t.inputs + t.outputs)
	w := int64(float64(extra) * float64(t.weights) / total)
	i := int64(float64(extra) * float64(t.inputs) / total)
	c.parts.WeightLoad += w
	c.parts.Input += i
	c.parts.Output += extra - w - i
}
