package dram

import (
	"testing"

	"bitcycle/arch"
	"pgregory.net/rapid"
)

// command is an entry of the reference's history.
type command struct {
	kind        byte // 'A'ctivate, 'R'ead, 'W'rite
	group, bank uint64
	at          int64
}

// reference states the in-order rules of the package comment over the whole
// history of commands, without any state that is kept up to date.
type reference struct {
	s         arch.DRAM
	opt       Options
	m         mapping
	history   []command
	open      map[[2]uint64]uint64 // rows by group and bank
	readyAt   int64                // end of the last refresh
	refreshes int64
}

func (r *reference) latest(kinds string, match func(command) bool, gap int) int64 {
	t := int64(never)
	for _, h := range r.history {
		for i := range kinds {
			if h.kind == kinds[i] && match(h) {
				t = max(t, h.at+int64(gap))
			}
		}
	}
	return t
}

func (r *reference) access(addr uint64, write bool, arrive int64) (dataEnd int64) {
	burst := addr / uint64(r.s.BurstBytes)
	g, b, row := r.m.grp.of(burst), r.m.bank.of(burst), r.m.row.of(burst)
	begin := arrive + int64(r.opt.CtrlCycles)
	if sent := r.columns(); len(sent) >= r.opt.Window {
		begin = max(begin, sent[len(sent)-r.opt.Window]+1)
	}
	act, column := r.plan(g, b, row, write, begin)
	for column >= (r.refreshes+1)*int64(r.s.TREFI) {
		r.refresh()
		act, column = r.plan(g, b, row, write, begin)
	}
	if act > never {
		r.history = append(r.history, command{'A', g, b, act})
	}
	r.open[[2]uint64{g, b}] = row
	if write {
		r.history = append(r.history, command{'W', g, b, column})
		return column + int64(r.s.CWL+r.s.BurstClocks)
	}
	r.history = append(r.history, command{'R', g, b, column})
	return column + int64(r.s.CL+r.s.BurstClocks)
}

func (r *reference) columns() (times []int64) {
	for _, h := range r.history {
		if h.kind != 'A' {
			times = append(times, h.at)
		}
	}
	return times
}

func (r *reference) precharge(g, b uint64) int64 {
	same := func(h command) bool { return h.group == g && h.bank == b }
	return max(r.latest("A", same, r.s.TRAS), r.latest("R", same, r.s.TRTP),
		r.latest("W", same, r.s.CWL+r.s.BurstClocks+r.s.TWR))
}

func (r *reference) plan(g, b, row uint64, write bool, begin int64) (act, column int64) {
	act, t := never, begin
	if open, isOpen := r.open[[2]uint64{g, b}]; !isOpen || open != row {
		act = max(begin, r.readyAt)
		if isOpen {
			act = max(act, r.precharge(g, b)+int64(r.s.TRP))
			act = max(act, begin+int64(r.s.TRP))
		}
		act = max(act,
			r.latest("A", func(h command) bool { return h.group == g }, r.s.TRRDL),
			r.latest("A", func(command) bool { return true }, r.s.TRRDS),
			r.latest("A", func(h command) bool { return h.group == g && h.bank == b }, r.s.TRAS+r.s.TRP),
			r.fourActivates())
		t = act + int64(r.s.TRCD)
	}
	any := func(command) bool { return true }
	group := func(h command) bool { return h.group == g }
	t = max(t, r.latest("RW", any, r.s.TCCDS), r.latest("RW", group, r.s.TCCDL))
	if write {
		return act, max(t, r.latest("R", any, r.s.CL+r.s.BurstClocks-r.s.CWL+1))
	}
	turn := r.s.CWL + r.s.BurstClocks
	return act, max(t, r.latest("W", any, turn+r.s.TWTRS), r.latest("W", group, turn+r.s.TWTRL))
}

func (r *reference) fourActivates() int64 {
	var acts []int64
	for _, h := range r.history {
		if h.kind == 'A' {
			acts = append(acts, h.at)
		}
	}
	if len(acts) < 4 {
		return never
	}
	return acts[len(acts)-4] + int64(r.s.TFAW)
}

func (r *reference) refresh() {
	r.refreshes++
	t := r.refreshes * int64(r.s.TREFI)
	for key := range r.open {
		t = max(t, r.precharge(key[0], key[1]))
	}
	if len(r.open) > 0 {
		t += int64(r.s.TRP)
	}
	r.open = map[[2]uint64]uint64{}
	r.readyAt = t + int64(r.s.TRFC)
}

func TestAccessFollowsTheRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := drawSpec(t)
		opt := Options{
			Mapping:    rapid.SampledFrom(orders).Draw(t, "order"),
			Window:     rapid.IntRange(1, 40).Draw(t, "window"),
			CtrlCycles: rapid.IntRange(0, 5).Draw(t, "ctrl"),
		}
		c, err := New(spec, opt)
		if err != nil {
			t.Fatal(err)
		}
		r := &reference{s: spec, opt: opt, m: c.m, open: map[[2]uint64]uint64{}}
		clock := int64(0)
		for _, a := range drawTraffic(t, 120) {
			clock += a.Arrive
			got, want := c.Access(a.Addr, a.Write, clock), r.access(a.Addr, a.Write, clock)
			if got != want {
				t.Fatalf("%s %+v: burst %+v at %d: %d, want %d", spec.Name, opt, a, clock, got, want)
			}
		}
		if c.Stats().Ref != r.refreshes {
			t.Fatalf("%d refreshes, want %d", c.Stats().Ref, r.refreshes)
		}
	})
}

var orders = []string{"ro ba co bg", "ro ba bg co", "ro bg ba co", "ro co ba bg", "ro co bg ba", "robgcoba", "rochrababgco"}

func drawSpec(t *rapid.T) arch.DRAM {
	return presets[rapid.SampledFrom([]string{"ddr3-1600", "ddr4-2400", "ddr4-3200", "lpddr4-2400"}).Draw(t, "part")]
}

// burst is one access, and the time since the one before.
type burst struct {
	Addr   uint64
	Write  bool
	Arrive int64
}

// drawTraffic draws streams, strides and scattered bursts of both directions.
func drawTraffic(t *rapid.T, most int) (bursts []burst) {
	for len(bursts) < most && (len(bursts) == 0 || rapid.IntRange(0, 9).Draw(t, "more") > 0) {
		start := rapid.Uint64Range(0, 1<<22).Draw(t, "start")
		step := rapid.SampledFrom([]uint64{64, 64, 128, 8192, 1 << 16, 1 << 18, 4160}).Draw(t, "step")
		write := rapid.Bool().Draw(t, "write")
		wait := rapid.SampledFrom([]int64{0, 0, 0, 7, 300, 20000}).Draw(t, "wait")
		for i := range rapid.Uint64Range(1, 40).Draw(t, "count") {
			bursts = append(bursts, burst{start + i*step, write, wait})
			wait = 0
		}
	}
	return bursts
}
