package dram

// Access sends one burst, the one that holds byte addr, and returns the clock
// at which its data has passed the bus. Bursts are offered in program order;
// arrive is when the controller first sees this one.
//
// With Reorder the data of a burst is handed over only after all bursts
// before it, and a later burst of another bank group may still delay it by a
// few clocks; Stats().Last always holds the final value.
func (c *Channel) Access(addr uint64, write bool, arrive int64) (dataEnd int64) {
	burst := addr >> c.m.offset
	g := c.m.grp.of(burst)
	b := g*uint64(c.spec.BanksPerGroup) + c.m.bank.of(burst)
	row := int64(c.m.row.of(burst))

	begin := max(arrive+c.t.ctrl, c.columns[c.slot]+1)
	act, column := c.schedule(&c.banks[b], g, row, write, begin)
	for column >= c.rank.nextRefresh {
		c.refresh()
		act, column = c.schedule(&c.banks[b], g, row, write, begin)
	}
	c.activate(&c.banks[b], g, row, act)
	return c.commit(b, g, write, column)
}

// hit is the activate time of a burst whose row is open.
const hit = int64(-1) << 62

// schedule finds when the burst could activate its row (hit if it is open) and
// issue its column command, and changes nothing.
func (c *Channel) schedule(b *bank, g uint64, row int64, write bool, begin int64) (act, column int64) {
	if b.row == row {
		return hit, c.columnTime(g, write, begin)
	}
	act = max(begin, b.ready)
	if b.row >= 0 {
		act = max(begin, c.prechargeTime(b)) + c.t.rp
	}
	r := &c.rank
	act = max(act, c.groups[g].act+c.t.rrdL, r.act+c.t.rrdS, r.acts[r.oldest]+c.t.faw, b.act+c.t.rc)
	return act, c.columnTime(g, write, act+c.t.rcd)
}

// prechargeTime is the earliest precharge of an open bank.
func (c *Channel) prechargeTime(b *bank) int64 {
	return max(b.act+c.t.ras, b.read+c.t.rtp, b.wrote+c.t.writeToPre)
}

// columnTime is the earliest column command at or after t.
func (c *Channel) columnTime(g uint64, write bool, t int64) int64 {
	r, q := &c.rank, &c.groups[g]
	if write {
		t = max(t, r.read+c.t.rw)
	} else {
		t = max(t, r.wrote+c.t.writeReadS, q.wrote+c.t.writeReadL)
	}
	t = max(t, q.read+c.t.ccdL, q.wrote+c.t.ccdL)
	if c.opt.Reorder {
		return c.gap(t)
	}
	return max(t, r.column+c.t.ccdS)
}

// refresh precharges what is open and refreshes the rank.
func (c *Channel) refresh() {
	start := c.rank.nextRefresh
	if c.open > 0 {
		for i := range c.banks {
			if b := &c.banks[i]; b.row >= 0 {
				start = max(start, c.prechargeTime(b))
			}
		}
		c.stats.Pre += int64(c.open)
		c.open, c.shutAt = 0, start
		start += c.t.rp
	}
	for i := range c.banks {
		c.banks[i].row = -1
		c.banks[i].ready = start + c.t.rfc
	}
	c.stats.Ref++
	c.rank.nextRefresh += c.t.refi
}
