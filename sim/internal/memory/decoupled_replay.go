package memory

import (
	"bitcycle/sim/internal/layer"
	"bitcycle/sim/internal/lines"
)

// Span is from a cycle of an op up to another.
type Span = lines.Span

// Call is a call in the units: when its loads are sent, when the array works on it, and
// when its stores are sent, in cycles of the op.
type Call = lines.Turn

// Replay runs a layer once more and keeps every call and the stretches in which the host
// cuts the layer.
func (m *Decoupled) Replay(l *layer.Layer) (host []Span, list []Call, err error) {
	m.room.SumBits, m.rule.SumBits = int(l.SumBits()), int(l.SumBits())
	m.groups = appendGroups(m.groups[:0], l)
	var at int64
	var turns []lines.Turn
	if m.limit > 0 {
		m.lineByLine().Record(&turns)
		defer m.runner.Record(nil)
	}
	for _, g := range m.groups {
		m.turn(l, g)
		turns = turns[:0]
		c, err := m.group(l)
		if err != nil {
			return nil, nil, err
		}
		if c.ByFootprint {
			turns = m.foot.Turns(turns[:0])
		}
		if c.Parts.Host > 0 {
			host = append(host, Span{Start: at, End: at + c.Parts.Host})
		}
		for i := range turns {
			list = append(list, later(turns[i], at+c.Parts.Host))
		}
		at += c.Parts.Total()
	}
	return host, list, nil
}

// later moves a call by so many cycles.
func later(c Call, by int64) Call {
	for _, s := range [...]*Span{&c.Load, &c.Execute, &c.Store} {
		s.Start, s.End = s.Start+by, s.End+by
	}
	return c
}
