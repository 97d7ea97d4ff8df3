package dram

// activate records the precharge and the activate of a burst that is no hit.
func (c *Channel) activate(b *bank, g uint64, row, act int64) {
	if act == hit {
		c.stats.Hits++
		return
	}
	if b.row >= 0 {
		c.stats.Pre++
	} else {
		if c.open == 0 {
			c.closed += act - c.shutAt
		}
		c.open++
	}
	c.stats.Act++
	b.row, b.act = row, act
	c.groups[g].act = act
	r := &c.rank
	r.act = act
	r.acts[r.oldest] = act
	r.oldest = (r.oldest + 1) & 3
}

// commit records a column command and returns the end of its data.
func (c *Channel) commit(b, g uint64, write bool, column int64) (dataEnd int64) {
	if c.opt.Reorder {
		c.insert(b, g, write, column)
		dataEnd = c.stats.Last
	} else {
		dataEnd = c.mark(b, g, write, column)
		c.columns[c.slot] = column
		if c.slot++; c.slot == len(c.columns) {
			c.slot = 0
		}
	}
	if write {
		c.stats.Wr++
	} else {
		c.stats.Rd++
	}
	if c.stats.Rd+c.stats.Wr == 1 {
		c.stats.First = dataEnd
	}
	return dataEnd
}

// mark notes a column command in its bank, group and rank, and returns the end of its data.
func (c *Channel) mark(b, g uint64, write bool, column int64) (dataEnd int64) {
	q, k := &c.groups[g], &c.banks[b]
	c.rank.column = max(c.rank.column, column)
	if write {
		k.wrote, q.wrote = max(k.wrote, column), max(q.wrote, column)
		c.rank.wrote = max(c.rank.wrote, column)
		dataEnd = column + c.t.writeLatency
	} else {
		k.read, q.read = max(k.read, column), max(q.read, column)
		c.rank.read = max(c.rank.read, column)
		dataEnd = column + c.t.readLatency
	}
	c.stats.Last = max(c.stats.Last, dataEnd)
	return dataEnd
}
