// Package replay rebuilds the traces that worked examples and published runs of a
// DRAM are given as, and offers them to the model of a channel.
package replay

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"bitcycle/arch"
	"bitcycle/sim/dram"
)

// Burst is one access of a trace.
type Burst struct {
	Addr   uint64
	Write  bool
	Arrive int64
}

// Replay is a trace and the controller it is offered to.
type Replay struct {
	Preset string // as [PresetName] gives it
	dram.Options
	Trace []Burst
}

// Run offers the trace to a fresh channel of spec.
func (r *Replay) Run(spec arch.DRAM) (dram.Stats, error) {
	c, err := dram.New(spec, r.Options)
	if err != nil {
		return dram.Stats{}, err
	}
	for _, b := range r.Trace {
		c.Access(b.Addr, b.Write, b.Arrive)
	}
	return c.Stats(), nil
}

// UnmarshalJSON reads a worked example:
//
//	{"preset": "DDR4-2400U-8Gb-x8", "trace": [[addr, write], …] or [[addr, write, arrive], …],
//	 "trace_rule": "addr=64*i, i=0..16383, reads", "mapping": "ro ba co bg",
//	 "window": 32, "ctrl_lat": 2, "arrive": 0, "reorder": false}
//
// The trace comes from trace if there is one, else from trace_rule.
func (r *Replay) UnmarshalJSON(text []byte) error {
	in := struct {
		Preset    string
		Trace     [][]int64
		TraceRule string `json:"trace_rule"`
		Mapping   string
		Window    int
		CtrlLat   *int `json:"ctrl_lat"`
		Arrive    int64
		Reorder   bool
	}{}
	if err := json.Unmarshal(text, &in); err != nil {
		return err
	}
	*r = Replay{
		Preset:  PresetName(in.Preset),
		Options: dram.Options{Mapping: in.Mapping, Window: in.Window, CtrlCycles: dram.DefaultCtrlCycles, Reorder: in.Reorder},
	}
	if in.CtrlLat != nil {
		r.CtrlCycles = *in.CtrlLat
	}
	var err error
	if len(in.Trace) > 0 {
		r.Trace, err = listed(in.Trace, in.Arrive)
	} else {
		r.Trace, err = ParseRule(in.TraceRule)
		for i := range r.Trace {
			r.Trace[i].Arrive += in.Arrive
		}
	}
	return err
}

func listed(rows [][]int64, arrive int64) ([]Burst, error) {
	trace := make([]Burst, len(rows))
	for i, row := range rows {
		if len(row) < 2 || len(row) > 3 || row[0] < 0 {
			return nil, fmt.Errorf("trace[%d] = %v: must be [address, write] or [address, write, arrival]", i, row)
		}
		trace[i] = Burst{uint64(row[0]), row[1] != 0, arrive}
		if len(row) == 3 {
			trace[i].Arrive = row[2]
		}
	}
	return trace, nil
}

var presetPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)(lp)?ddr[2-5]x?|[1-9][0-9]{3}`) })

// PresetName finds family and rate in the name of a part, such as ddr4-2400 in
// "DDR4-2400U-8Gb-x8" and "DDR4_8Gb_x8_2400". A name without both is returned
// in lower case.
func PresetName(name string) string {
	family, rate := "", ""
	for _, word := range presetPattern().FindAllString(name, -1) {
		switch {
		case word[0] >= '1' && word[0] <= '9':
			rate = word
		case family == "":
			family = strings.ToLower(word)
		}
	}
	if family == "" || rate == "" {
		return strings.ToLower(name)
	}
	return family + "-" + rate
}

// DRAMsim3Window is how far the default controller of DRAMsim3 looks ahead in
// a stream that stays in one bank: 32 transactions and the 8 commands of the
// bank's own queue.
const DRAMsim3Window = 40

// Published rebuilds a run of DRAMsim3 from its configuration, such as
// "DDR4_8Gb_x8_2400 map=rochrabacobg 1 rank", and the name of its traffic (see
// [Traffic]). With reorder the window is DRAMsim3's.
func Published(spec arch.DRAM, config, traffic string, reorder bool) (Replay, error) {
	r := Replay{Preset: PresetName(config)}
	r.Options = dram.Options{Window: dram.DefaultWindow, CtrlCycles: dram.DefaultCtrlCycles, Reorder: reorder}
	if reorder {
		r.Window = DRAMsim3Window
	}
	for _, word := range strings.Fields(config) {
		if order, found := strings.CutPrefix(word, "map="); found {
			r.Mapping = order
		}
	}
	var err error
	r.Trace, err = Traffic(spec, traffic)
	return r, err
}
