package lines

import "bitcycle/sim/internal/calls"

// unit sends the requests of a list of commands, at most one a cycle and so many
// outstanding. Rows are cut into requests of powers of two, from a beat to the longest,
// each at a multiple of its size: the one that covers most, the shortest among equals.
type unit struct {
	w        *way
	beat     int64
	longest  int64
	written  uint32
	flight   []int64 // when each outstanding request is done, in turn
	orders   []int64 // the same for commands; empty for no limit
	sent     int     // requests and commands so far
	ordered  int
	list     []calls.Command
	at       int // command
	row      int32
	off      int64
	now      int64 // when the next request may be sent at the earliest
	done     int64 // when all that was sent is done
	finished int64 // when the requests of the command are done
	ready    []int64
	count    int64 // requests
	busy     [calls.Tensors]int64
	loaded   [calls.Tensors]int64 // bytes
}

func newUnit(w *way, longest int64, commands int, written uint32) *unit {
	return &unit{w: w, beat: w.Beat, longest: longest, written: written, flight: make([]int64, max(w.Requests, 1)), orders: make([]int64, commands)}
}

func (u *unit) begin() {
	clear(u.flight)
	clear(u.orders)
	u.sent, u.ordered, u.now, u.done, u.count = 0, 0, 0, 0, 0
	u.loaded = [calls.Tensors]int64{}
}

// take begins a list of commands at a cycle or later.
func (u *unit) take(list []calls.Command, from int64) {
	u.list, u.at, u.row, u.off = list, 0, 0, 0
	u.now, u.done = max(u.now, from), 0
	u.ready, u.busy = u.ready[:0], [calls.Tensors]int64{}
	u.fill()
}

// fill passes the time of commands that move nothing.
func (u *unit) fill() {
	for u.at < len(u.list) && u.list[u.at].Rows == 0 {
		u.now += u.list[u.at].Zeros
		u.busy[calls.Outputs] += u.list[u.at].Zeros
		u.done = max(u.done, u.now)
		u.at++
	}
}

func (u *unit) idle() bool { return u.at == len(u.list) }

// next is when the next request can be sent.
func (u *unit) next() int64 {
	t := max(u.now, u.flight[u.sent])
	if u.row == 0 && u.off == 0 && len(u.orders) > 0 {
		t = max(t, u.orders[u.ordered])
	}
	return t
}

// send sends it.
func (u *unit) send(now int64) {
	c := &u.list[u.at]
	if u.row == 0 && u.off == 0 {
		u.finished = 0
	}
	address := c.Address + int64(u.row)*c.Step + u.off
	covered, size := u.cut(address, int64(c.Bytes)-u.off)
	done := u.w.request(now, address, size, u.written)
	u.flight[u.sent] = done
	if u.sent++; u.sent == len(u.flight) {
		u.sent = 0
	}
	u.count++
	u.busy[c.Tensor] += size / u.beat
	u.finished, u.done = max(u.finished, done), max(u.done, done)
	u.now = now + 1
	if u.off += covered; u.off < int64(c.Bytes) {
		return
	}
	u.off = 0
	u.loaded[c.Tensor] += int64(c.Bytes)
	if u.row++; u.row == c.Rows {
		u.end(c)
	}
}

// end ends a command.
func (u *unit) end(c *calls.Command) {
	if len(u.orders) > 0 {
		u.orders[u.ordered] = u.finished
		u.ordered = (u.ordered + 1) % len(u.orders)
	}
	if c.Ready {
		u.ready = append(u.ready, u.done)
	}
	u.row = 0
	u.at++
	u.fill()
}

// cut is the request that begins a row of so many bytes.
func (u *unit) cut(address, length int64) (covered, size int64) {
	for s := u.beat; s <= u.longest; s *= 2 {
		if n := min(length, s-address&(s-1)); n > covered {
			covered, size = n, s
		}
	}
	return covered, size
}
