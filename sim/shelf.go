package sim

import (
	"bitcycle/kernels/workload"
	"bitcycle/sim/internal/layer"
)

// shelf keeps the layers of the shapes that come again, with their schedules, so that
// what a machine changes of the memory alone leaves them as they are.
type shelf struct {
	places []*place
	form   form
	epoch  int32 // counts forms
}

// place holds one layer at a time.
type place struct {
	layer layer.Layer
	shape int32
	epoch int32 // of the form that the layer was made for
	bits  int32 // number of its widths; -1 unless they are known to be the same
}

// places is how many layers are kept.
const places = 128

// form is what of a machine decides a layer and its schedule.
type form struct {
	lanes, group, depthwise, frames int
	reduce, sync, order             string
	firstFlat, own, skip, streams   bool
}

func (m *machine) form() form {
	a := &m.acc.Array
	return form{
		lanes: m.engine.Lanes(), group: a.GroupSize, depthwise: a.DepthwiseLanes, frames: m.frames,
		reduce: a.ReduceBy, sync: a.Sync, order: a.Order,
		firstFlat: a.FirstLayerFlat, own: m.acc.Memory.OwnNotation(), skip: m.acc.Memory.SkipUnused, streams: m.single(),
	}
}

// clear forgets all layers and keeps their memory.
func (b *shelf) clear() {
	for _, p := range b.places {
		p.shape = -1
	}
}

// layer returns an op as a layer on a machine, with the widths of its weights.
func (b *shelf) layer(m *machine, op *workload.Op, en *entry, first bool) (*layer.Layer, error) {
	if f := m.form(); f != b.form {
		b.form = f
		b.epoch++
	}
	at := int(en.shape) % places
	for len(b.places) <= at {
		b.places = append(b.places, &place{shape: -1})
	}
	p := b.places[at]
	if p.shape != en.shape || p.epoch != b.epoch {
		p.shape = -1
		if err := p.layer.Reset(m.acc, b.form.lanes, op, first, m.together(op)); err != nil {
			return nil, err
		}
		p.shape, p.epoch, p.bits = en.shape, b.epoch, -1
	}
	if p.bits != en.widths || en.widths < 0 {
		p.layer.SetBits(en.bits)
		p.bits = en.widths
	}
	return &p.layer, nil
}
