package dram

// With Reorder, columns is the sorted list of the last Window column times. A
// burst enters the window when all but Window−1 of those before it have
// issued. It takes the bus at the first clock at which it is ready and no
// earlier burst is, which pushes earlier bursts of other bank groups that were
// waiting for tCCD_L back by the clocks it takes: first-ready, first-come
// (Rixner et al., "Memory Access Scheduling", ISCA 2000) between bank groups.
// Bursts of one bank group, activates and turnarounds of the bus stay in order.

// owner is the bank and the bank group of a column command.
type owner struct{ bank, group uint16 }

// gap returns the first clock at or after t at which the bus is free for
// another group and no earlier burst issues.
func (c *Channel) gap(t int64) int64 {
	for i := c.after(t); ; i++ {
		t = max(t, c.columns[i-1]+c.t.ccdS)
		if i == len(c.columns) || c.columns[i] > t {
			return t
		}
	}
}

// after returns how many columns issue at or before t, at least 1: a burst in
// the window starts after the oldest column.
func (c *Channel) after(t int64) int {
	i := len(c.columns)
	for i > 1 && c.columns[i-1] > t {
		i--
	}
	return i
}

// insert gives the bus to a column command and pushes those that it overtakes.
func (c *Channel) insert(b, g uint64, write bool, column int64) {
	c.slide()
	i := len(c.columns) - 1
	for ; i > 0 && c.columns[i-1] > column; i-- {
		c.columns[i], c.owners[i] = c.columns[i-1], c.owners[i-1]
	}
	c.columns[i] = column
	c.owners[i] = owner{uint16(b), uint16(g)}
	c.mark(b, g, write, column)
	if i+1 < len(c.columns) {
		c.push(i+1, write)
	}
}

// slide drops the oldest column and makes room for one more at the end. The
// lists move through their buffers and start over when they reach the end.
func (c *Channel) slide() {
	n := len(c.columns)
	if cap(c.columns) > n {
		c.columns, c.owners = c.columns[1:n+1], c.owners[1:n+1]
		return
	}
	copy(c.columnBuffer, c.columns[1:])
	copy(c.ownerBuffer, c.owners[1:])
	c.columns, c.owners = c.columnBuffer[:n], c.ownerBuffer[:n]
}

// push moves the columns from index i on behind what precedes them. All have
// the direction of the burst that pushes: it waited for the last of the other.
func (c *Channel) push(i int, write bool) {
	for g := range c.settled {
		c.settled[g] = never
	}
	for ; i < len(c.columns); i++ {
		o := c.owners[i]
		t := max(c.columns[i], c.columns[i-1]+c.t.ccdS, c.settled[o.group]+c.t.ccdL)
		c.settled[o.group] = t
		if t > c.columns[i] {
			c.columns[i] = t
			c.mark(uint64(o.bank), uint64(o.group), write, t)
		}
	}
}
