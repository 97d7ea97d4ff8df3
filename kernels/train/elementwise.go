package train

import "math"

var inf = float32(math.Inf(1))

// The loops below run over values with the channel last; C is the length of
// the per-channel slices.

// channelSums writes to sums the channels' Σa, then the channels' Σa·b. It
// adds in single precision over short runs and in double precision over those.
func channelSums(sums []float64, a, b []float32) {
	const run = 64 // positions
	channels := len(sums) / 2
	clear(sums)
	var first, second [256]float32
	for c0 := 0; c0 < channels; c0 += len(first) {
		part := min(len(first), channels-c0)
		for at := c0; at < len(a); at += run * channels {
			end := min(at+run*channels, len(a))
			s, q := first[:part], second[:part]
			clear(s)
			clear(q)
			for p := at; p < end; p += channels {
				u, v := a[p:p+part], b[p:p+part]
				for i := range s {
					s[i] += u[i]
					q[i] += u[i] * v[i]
				}
			}
			for i := range s {
				sums[c0+i] += float64(s[i])
				sums[channels+c0+i] += float64(q[i])
			}
		}
	}
}

// affine is y = scale·x + shift.
func affine(y, x, scale, shift []float32) {
	for p := 0; p < len(x); p += len(scale) {
		u, v := x[p:p+len(scale)], y[p:p+len(scale)]
		for i, s := range scale {
			v[i] = u[i]*s + shift[i]
		}
	}
}

// affineRelu is y = max(scale·x + shift, 0).
func affineRelu(y, x, scale, shift []float32) {
	for p := 0; p < len(x); p += len(scale) {
		u, v := x[p:p+len(scale)], y[p:p+len(scale)]
		for i, s := range scale {
			v[i] = max(u[i]*s+shift[i], 0)
		}
	}
}

// maskZero clears g where y is not positive.
func maskZero(g, y []float32) {
	for i, v := range y[:len(g)] {
		if v <= 0 {
			g[i] = 0
		}
	}
}

// combine is dx = scale·g + a·x + b, added to dx if add.
func combine(dx, g, x, scale, a, b []float32, add bool) {
	for p := 0; p < len(g); p += len(scale) {
		d, u, v := dx[p:p+len(scale)], g[p:p+len(scale)], x[p:p+len(scale)]
		for i, s := range scale {
			t := s*u[i] + a[i]*v[i] + b[i]
			if add {
				t += d[i]
			}
			d[i] = t
		}
	}
}

// pass stores g in dx, or adds it.
func pass(dx, g []float32, add bool) {
	if !add {
		copy(dx, g)
		return
	}
	for i, v := range g[:len(dx)] {
		dx[i] += v
	}
}

// clamp limits values to [lo, hi]; the gradient passes inside.
type clamp struct {
	link
	lo, hi float32
}

func (o *clamp) setAdd(k int, add bool) { o.add[k] = add }

func (o *clamp) chunk(s stage, _ *worker, _, lo, hi int) {
	x := o.in[0].image(o.in[0].x, lo, hi)
	if s == forward {
		for i, v := range x {
			o.out.image(o.out.x, lo, hi)[i] = min(max(v, o.lo), o.hi)
		}
		return
	}
	dx, g := o.in[0].image(o.in[0].g, lo, hi), o.out.image(o.out.g, lo, hi)
	for i, v := range x {
		d := float32(0)
		if v > o.lo && v < o.hi {
			d = g[i]
		}
		if o.add[0] {
			d += dx[i]
		}
		dx[i] = d
	}
}

// sum is the sum of two values, with a ReLU if relu.
type sum struct {
	link
	relu bool
}

func (o *sum) setAdd(k int, add bool) { o.add[k] = add }

func (o *sum) chunk(s stage, _ *worker, _, lo, hi int) {
	y := o.out.image(o.out.x, lo, hi)
	if s == forward {
		a, b := o.in[0].image(o.in[0].x, lo, hi), o.in[1].image(o.in[1].x, lo, hi)
		for i, v := range a {
			y[i] = v + b[i]
		}
		if o.relu {
			for i, v := range y {
				y[i] = max(v, 0)
			}
		}
		return
	}
	g := o.out.image(o.out.g, lo, hi)
	if o.relu {
		maskZero(g, y)
	}
	for k, in := range o.in {
		if in.needs {
			pass(in.image(in.g, lo, hi), g, o.add[k])
		}
	}
}

// activation applies the caller's function.
type activation struct {
	link
	f     Activation
	param *Param
	user  int
}

func (o *activation) setAdd(k int, add bool) { o.add[k] = add }

func (o *activation) chunk(s stage, w *worker, c, lo, hi int) {
	x := o.in[0].image(o.in[0].x, lo, hi)
	if s == forward {
		o.f.Forward(o.out.image(o.out.x, lo, hi), x, o.param.Value)
		return
	}
	var sums [8]float64
	dparam := sums[:0]
	dparam = append(dparam, make([]float64, len(o.param.Value))...)
	g := o.out.image(o.out.g, lo, hi)
	dx := w.floats(len(x))
	if o.in[0].needs && !o.add[0] {
		dx = o.in[0].image(o.in[0].g, lo, hi)
	}
	o.f.Backward(dx, g, x, o.param.Value, dparam)
	if o.in[0].needs && o.add[0] {
		pass(o.in[0].image(o.in[0].g, lo, hi), dx, true)
	}
	for i, d := range dparam {
		o.param.part(o.user, c)[i] = float32(d)
	}
}
