package lines

import "bitcycle/sim/internal/calls"

// sum adds up the calls of the layer by kind: full and partial boxes, those that begin
// sums, those that end them and those between.
func (f *Footprint) sum() {
	f.load = (f.missTime(calls.Weights) + f.missTime(calls.Inputs)) / f.calls
	f.save = 2 * f.missTime(calls.Outputs) / (f.calls / f.reductions())
	f.each(0, float64(f.p.Groups))
	f.out.Busy = int64(f.busy + 0.5)
	ends := f.longest[0] + f.longest[1] + f.longest[2]
	f.out.Cycles = max(f.out.Busy, int64(f.total*(f.calls-1)/f.calls+ends+0.5))
	f.charge()
}

// reductions is the calls that add to one sum.
func (f *Footprint) reductions() float64 {
	return float64(f.count[calls.KRows] * f.count[calls.KCols] * f.count[calls.Ins])
}

// each adds every size of box from a loop on.
func (f *Footprint) each(d calls.Dim, times float64) {
	if d == calls.Dims {
		f.kind(times)
		return
	}
	extent, tile := f.p.Extent[d], min(f.n.Tile[d], f.p.Extent[d])
	f.box.Hi[d] = tile
	f.each(d+1, times*float64(extent/tile))
	if rest := extent % tile; rest > 0 {
		f.box.Hi[d] = rest
		f.each(d+1, times)
	}
}

// kind adds so many calls of a size.
func (f *Footprint) kind(times float64) {
	b := &f.box
	ex := float64(f.u.Execute(b))
	f.busy += times * ex
	load, store := f.loads(b), f.stores(b)
	r := f.reductions()
	if r == 1 {
		f.add(times, ex, load+f.zeros(b), store, true)
		return
	}
	f.add(times/r, ex, load+f.zeros(b), 0, false)
	f.add(times/r, ex, load, store, true)
	f.add(times*(1-2/r), ex, load, 0, false)
}

// add adds calls of which each keeps its units so long. In the steady state a call takes
// as long as the slowest of them, or as its way through all of them where so many calls
// are on it at a time.
func (f *Footprint) add(times, ex, load, store float64, last bool) {
	load = overlap(load, f.load)
	if last {
		store = overlap(store, f.save)
	}
	f.total += times * f.pace(ex, load, store)
	f.longest = [3]float64{max(f.longest[0], load), max(f.longest[1], ex), max(f.longest[2], store)}
}

// overlap is two times that partly hide each other.
func overlap(a, b float64) float64 { return max(a, b) + min(a, b)/2 }

// missTime is the cycles in which the port or memory is busy with the misses of a tensor.
func (f *Footprint) missTime(t calls.Tensor) float64 {
	near := f.line
	if f.path.Refill > 0 {
		near /= f.path.Refill
	} else {
		near = 0
	}
	block := float64(max(f.path.Outer.Line, f.path.Cache.Line, 16))
	return (f.misses[t]-f.far[t])*near + f.far[t]*max(near, float64(f.path.Block)*f.line/block)
}

// loads is the cycles in which a call's loads are on the bus, or the limits of requests
// and commands hold them back.
func (f *Footprint) loads(b *calls.Box) float64 {
	p, u := f.p, f.u
	weights := f.commands(int64(b.Hi[calls.KRows])*int64(b.Hi[calls.KCols])*int64(b.Hi[calls.Ins]), int64(u.Depth), b.Hi[calls.Outs], p.WeightBits, p.WeightStep)
	if p.InHeld {
		return weights
	}
	if p.Matrix {
		return weights + f.commands(int64(b.Hi[calls.Cols]), int64(u.Step), b.Hi[calls.Ins], p.InBits, p.InStep)
	}
	high, wide := f.inside(b)
	return weights + float64(b.Hi[calls.Batch])*high*f.commands(int64(wide+0.5), int64(u.Step), b.Hi[calls.Ins], p.InBits, p.InStep)
}

// inside is the rows and columns of the map that a call loads, on the mean of all calls.
func (f *Footprint) inside(b *calls.Box) (high, wide float64) {
	p := f.p
	axis := func(i int, d, k calls.Dim) float64 {
		whole := p.Window(i, b.Hi[d], b.Hi[k])
		out := float64(p.Pad[i]) + max(0, float64(p.Window(i, p.Extent[d], p.Extent[k])-p.In[i]-p.Pad[i]))
		return max(min(float64(whole)-out/float64(f.count[d]), float64(p.In[i])), 1)
	}
	return axis(0, calls.Rows, calls.KRows), axis(1, calls.Cols, calls.KCols)
}

// commands is the cycles of rows that commands of so many at a time move.
func (f *Footprint) commands(rows, per int64, elements, bits int, step int64) float64 {
	bytes := (elements*bits + 7) / 8
	full, rest := bytes/f.u.MaxBytes, bytes%f.u.MaxBytes
	cycles := 0.0
	for _, row := range [...]struct{ bytes, times int }{{f.u.MaxBytes, full}, {rest, 1}} {
		if row.bytes > 0 && row.times > 0 {
			beats := f.rowBeats(row.bytes, step)
			whole := float64(min(per, rows)) * beats
			cycles += float64(row.times) * float64(rows) / float64(min(per, rows)) * max(whole, (float64(f.path.HitRead)+whole)/float64(max(f.path.Commands, 1)))
		}
	}
	return cycles
}

// rowBeats is the bus cycles of a row of bytes, on the mean of the places where rows at
// that distance lie.
func (f *Footprint) rowBeats(bytes int, step int64) float64 {
	u := unit{beat: f.path.Beat, longest: int64(f.u.MaxBytes)}
	places := int64(1)
	for places < u.longest/u.beat && places*step%u.longest != 0 {
		places *= 2
	}
	var beats int64
	for i := range places {
		at := f.u.Base + i*step
		for left := int64(bytes); left > 0; {
			covered, size := u.cut(at, left)
			beats += size / u.beat
			at, left = at+covered, left-covered
		}
	}
	return float64(beats) / float64(places)
}

// zeros is the cycles of filling sums, and what lies outside the map.
func (f *Footprint) zeros(b *calls.Box) float64 {
	if f.p.Matrix {
		return 0
	}
	return float64(b.Hi[calls.Batch]) * float64(b.Hi[calls.Rows]) * float64(b.Hi[calls.Cols]) * float64((b.Hi[calls.Outs]+f.u.Lanes-1)/f.u.Lanes)
}

// stores is the cycles in which a call's stores are sent.
func (f *Footprint) stores(b *calls.Box) float64 {
	if f.p.OutHeld {
		return 0
	}
	per := max(1, f.u.MaxBytes*8/f.p.OutBits)
	if !f.p.Matrix {
		per = min(per, f.u.Lanes)
	}
	writes := float64(b.Hi[calls.Batch]) * float64(b.Hi[calls.Rows]) * float64(b.Hi[calls.Cols]) * float64((b.Hi[calls.Outs]+per-1)/per)
	return writes * max(1, float64(f.path.HitWrite)/float64(f.path.Requests))
}

// charge splits the array's idle cycles by what its loads and stores take.
func (f *Footprint) charge() {
	idle := f.out.Cycles - f.out.Busy
	var parts [calls.Tensors]float64
	var far, all float64
	for t := range calls.Tensors {
		parts[t] = f.missTime(t) + float64(f.p.Bytes(t))/float64(f.path.Beat)
		all += parts[t]
		far += f.far[t] * float64(f.path.Block) / 2
	}
	all += far
	if all == 0 {
		f.out.Waits.DRAM = idle
		return
	}
	part := func(x float64) int64 { return int64(float64(idle) * x / all) }
	w := &f.out.Waits
	w.WeightLoad, w.Input, w.DRAM = part(parts[calls.Weights]), part(parts[calls.Inputs]), part(far)
	w.Output = idle - w.WeightLoad - w.Input - w.DRAM
}

// finish fills the bytes.
func (f *Footprint) finish() {
	o, p := &f.out, f.p
	groups := float64(p.Groups)
	per := func(t calls.Tensor) float64 { // calls that load the same of a tensor
		n := 1.0
		for d := range calls.Dims {
			if !walks[t][d] {
				n *= float64(f.count[d])
			}
		}
		return n
	}
	weights := float64(p.Extent[calls.KRows]) * float64(p.Extent[calls.KCols]) * float64(p.Extent[calls.Ins]) * float64(p.Extent[calls.Outs]) * float64(p.WeightBits) / 8
	outputs := float64(p.Extent[calls.Batch]) * float64(p.Extent[calls.Rows]) * float64(p.Extent[calls.Cols]) * float64((p.Extent[calls.Outs]*p.OutBits+7)/8)
	o.Loaded[calls.Weights] = int64(groups*weights*per(calls.Weights) + 0.5)
	if !p.OutHeld {
		o.Loaded[calls.Outputs] = int64(groups*outputs + 0.5)
	}
	if !p.InHeld {
		o.Loaded[calls.Inputs] = int64(f.inputBytes()*groups*per(calls.Inputs) + 0.5)
	}
	for t := range calls.Tensors {
		if t == calls.Outputs {
			o.Written += int64(f.far[t] * f.line)
		}
		o.Read += int64(f.far[t] * f.line)
	}
	o.Calls = int64(f.calls + 0.5)
}

// inputBytes is what the calls of one pass over the inputs of a group load.
func (f *Footprint) inputBytes() float64 {
	p := f.p
	row := float64((p.Extent[calls.Ins]*p.InBits + 7) / 8)
	if p.Matrix {
		return float64(p.Extent[calls.Cols]) * row
	}
	return row * float64(p.Extent[calls.Batch]) * float64(calls.Pixels(p, f.n, 0)) * float64(calls.Pixels(p, f.n, 1)) * float64(f.count[calls.KRows]*f.count[calls.KCols])
}
