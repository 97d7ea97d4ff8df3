package dram

// Stream sends the bursts that hold bytes addr to addr+bytes−1 in address
// order, all arriving at arrive, and returns the clock at which the last has
// passed the bus; arrive if there are none. It gives what one Access for each
// burst gives, and skips through a row in one step once the columns are evenly
// spaced.
func (c *Channel) Stream(addr uint64, bytes int64, write bool, arrive int64) (done int64) {
	if bytes <= 0 {
		return arrive
	}
	n := addr >> c.m.offset
	end := (addr+uint64(bytes)-1)>>c.m.offset + 1
	step := c.steadyStep()
	even := uint64(0) // evenly spaced row hits in turn, of this run of open rows
	for n < end {
		if n&(c.m.run-1) == 0 {
			even = 0
		}
		previous, hits := c.rank.column, c.stats.Hits
		done = c.Access(n<<c.m.offset, write, arrive)
		n++
		if step == 0 || c.stats.Hits == hits || c.rank.column != previous+step {
			even = 0
			continue
		}
		if even++; even < c.m.groups {
			continue
		}
		if k := c.skippable(n, end, step); k > 0 {
			done = c.skip(n, k, step, write)
			n += uint64(k)
		}
	}
	return done
}

// steadyStep is the distance of the columns of a long stream inside its rows,
// or 0 if they are not evenly spaced or not in order.
func (c *Channel) steadyStep() int64 {
	switch {
	case c.opt.Reorder:
		return 0
	case c.m.groups == 1:
		return c.t.ccdL
	case int64(c.m.groups)*c.t.ccdS >= c.t.ccdL:
		return c.t.ccdS
	default:
		return 0
	}
}

// skippable returns how many of the bursts n to end−1 hit rows that the run
// has open, before the next refresh.
func (c *Channel) skippable(n, end uint64, step int64) int64 {
	run := (c.m.run - n&(c.m.run-1)) & (c.m.run - 1)
	return min(int64(run), int64(end-n), (c.rank.nextRefresh-1-c.rank.column)/step)
}

// skip issues k row hits from burst n on, step clocks apart.
func (c *Channel) skip(n uint64, k, step int64, write bool) (done int64) {
	first := c.rank.column + step
	for i := max(0, k-int64(len(c.columns))); i < k; i++ {
		c.columns[c.slot] = first + i*step
		if c.slot++; c.slot == len(c.columns) {
			c.slot = 0
		}
	}
	for i := max(0, k-int64(c.m.groups)); i < k; i++ {
		burst := n + uint64(i)
		g := c.m.grp.of(burst)
		done = c.mark(g*uint64(c.spec.BanksPerGroup)+c.m.bank.of(burst), g, write, first+i*step)
	}
	c.stats.Hits += k
	if write {
		c.stats.Wr += k
	} else {
		c.stats.Rd += k
	}
	return done
}
