package dram

import (
	"errors"
	"fmt"

	"bitcycle/arch"
)

// Options are the choices of the controller.
type Options struct {
	Mapping    string // address field order, most significant first; "" is DefaultMapping
	Window     int    // bursts that the controller looks ahead; 0 is DefaultWindow
	CtrlCycles int    // clocks from arrival to the first command
	Reorder    bool   // let a burst overtake earlier ones of other bank groups within the window
}

// DefaultWindow is the lookahead of a controller that states none.
const DefaultWindow = 32

// DefaultCtrlCycles is the usual latency of a controller in DRAM clocks.
const DefaultCtrlCycles = 2

// never is long before every constraint that a first command could meet.
const never = -1 << 40

// Channel is one channel of one rank. It is not safe for concurrent use.
type Channel struct {
	spec arch.DRAM
	opt  Options
	m    mapping
	t    timing

	banks   []bank
	groups  []group
	rank    rank
	columns []int64 // times of the last Window columns: a ring, or a sorted list when reordering
	slot    int     // oldest entry of columns
	owners  []owner // who issued columns, when reordering
	settled []int64 // scratch of push: last column of each bank group
	stats   Stats

	columnBuffer []int64 // what columns and owners slide through, when reordering
	ownerBuffer  []owner

	closed int64 // clocks with every bank precharged, before shutAt
	open   int   // open banks
	shutAt int64 // when the last bank was precharged, while open = 0
}

// timing holds the derived distances in clocks.
type timing struct {
	ccdS, ccdL, rrdS, rrdL, faw            int64
	rcd, rp, ras, rc, rtp, rfc, refi       int64
	readLatency, writeLatency              int64 // column command to the end of its data
	writeToPre, writeReadS, writeReadL, rw int64 // from the column command
	ctrl                                   int64
}

type bank struct {
	row              int64 // open row, or −1
	act, read, wrote int64 // last commands
	ready            int64 // earliest next activate
}

type group struct{ act, read, wrote int64 }

type rank struct {
	acts                [4]int64 // ring of the last four activates
	oldest              int
	act, read, wrote    int64
	column, nextRefresh int64
}

// Stats counts commands. First and Last are the clocks at which the data of
// the first burst and of the last one to finish have passed the bus.
type Stats struct {
	Act, Pre, Ref, Hits, Rd, Wr int64
	First, Last                 int64
}

// New returns a channel with all banks precharged at clock 0.
func New(spec arch.DRAM, opt Options) (*Channel, error) {
	if opt.Mapping == "" {
		opt.Mapping = DefaultMapping
	}
	if opt.Window == 0 {
		opt.Window = DefaultWindow
	}
	if err := check(&spec, &opt); err != nil {
		return nil, err
	}
	m, err := newMapping(opt.Mapping, &spec)
	if err != nil {
		return nil, err
	}
	c := &Channel{
		spec: spec, opt: opt, m: m, t: newTiming(&spec, &opt),
		banks:   make([]bank, spec.BankGroups*spec.BanksPerGroup),
		groups:  make([]group, spec.BankGroups),
		columns: make([]int64, opt.Window),
		settled: make([]int64, spec.BankGroups),
	}
	if opt.Reorder {
		c.columnBuffer, c.ownerBuffer = make([]int64, 8*opt.Window), make([]owner, 8*opt.Window)
		c.columns, c.owners = c.columnBuffer[:opt.Window], c.ownerBuffer[:opt.Window]
	}
	c.Reset()
	return c, nil
}

func check(spec *arch.DRAM, opt *Options) error {
	var errs []error
	for _, p := range []struct {
		key   string
		value int
	}{
		{"burst_bytes", spec.BurstBytes},
		{"row_bytes", spec.RowBytes},
		{"bank_groups", spec.BankGroups},
		{"banks_per_group", spec.BanksPerGroup},
	} {
		if !powerOfTwo(p.value) {
			errs = append(errs, fmt.Errorf("%s: %s = %d: must be a power of two", spec.Name, p.key, p.value))
		}
	}
	if spec.RowBytes < spec.BurstBytes {
		errs = append(errs, fmt.Errorf("%s: row_bytes = %d: must hold a burst of %d bytes", spec.Name, spec.RowBytes, spec.BurstBytes))
	}
	if spec.TCCDS < 1 || spec.TCCDL < spec.TCCDS {
		errs = append(errs, fmt.Errorf("%s: tccds = %d, tccdl = %d: must be at least 1 and not shorter within a group", spec.Name, spec.TCCDS, spec.TCCDL))
	}
	if spec.TREFI <= spec.TRFC+spec.TRP+spec.TRCD {
		errs = append(errs, fmt.Errorf("%s: trefi = %d: leaves no time between refreshes of %d clocks", spec.Name, spec.TREFI, spec.TRFC))
	}
	if opt.Window < 1 {
		errs = append(errs, fmt.Errorf("window = %d: must be at least 1", opt.Window))
	}
	if opt.CtrlCycles < 0 {
		errs = append(errs, fmt.Errorf("ctrl_cycles = %d: must be at least 0", opt.CtrlCycles))
	}
	return errors.Join(errs...)
}

func newTiming(s *arch.DRAM, opt *Options) timing {
	at := func(clocks ...int) int64 {
		sum := 0
		for _, c := range clocks {
			sum += c
		}
		return int64(sum)
	}
	return timing{
		ccdS: at(s.TCCDS), ccdL: at(s.TCCDL), rrdS: at(s.TRRDS), rrdL: at(s.TRRDL), faw: at(s.TFAW),
		rcd: at(s.TRCD), rp: at(s.TRP), ras: at(s.TRAS), rc: at(s.TRAS, s.TRP),
		rtp: at(s.TRTP), rfc: at(s.TRFC), refi: at(s.TREFI),
		readLatency: at(s.CL, s.BurstClocks), writeLatency: at(s.CWL, s.BurstClocks),
		writeToPre: at(s.CWL, s.BurstClocks, s.TWR),
		writeReadS: at(s.CWL, s.BurstClocks, s.TWTRS), writeReadL: at(s.CWL, s.BurstClocks, s.TWTRL),
		rw:   at(s.CL, s.BurstClocks, -s.CWL, 1),
		ctrl: at(opt.CtrlCycles),
	}
}

// Reset precharges all banks and goes back to clock 0.
func (c *Channel) Reset() {
	for i := range c.banks {
		c.banks[i] = bank{row: -1, act: never, read: never, wrote: never}
	}
	for i := range c.groups {
		c.groups[i] = group{never, never, never}
	}
	c.rank = rank{
		acts: [4]int64{never, never, never, never},
		act:  never, read: never, wrote: never, column: never, nextRefresh: c.t.refi,
	}
	for i := range c.columns {
		c.columns[i] = never
	}
	c.slot, c.closed, c.open, c.shutAt, c.stats = 0, 0, 0, 0, Stats{}
}

// Stats returns the counts since New or Reset.
func (c *Channel) Stats() Stats { return c.stats }

// Spec returns the part.
func (c *Channel) Spec() arch.DRAM { return c.spec }
