package vector

import "math"

// The conversions keep products from being fused with sums.

func affine(y, x, scale, shift []float32, floor float32) {
	for p := 0; p < len(x); p += len(scale) {
		u, v := x[p:p+len(scale)], y[p:p+len(scale)]
		for i, s := range scale {
			v[i] = atLeast(float32(u[i]*s)+shift[i], floor)
		}
	}
}

func combine(dx, g, x, scale, a, b []float32, add bool) {
	for p := 0; p < len(g); p += len(scale) {
		d, u, v := dx[p:p+len(scale)], g[p:p+len(scale)], x[p:p+len(scale)]
		for i, s := range scale {
			t := float32(s*u[i]) + float32(a[i]*v[i]) + b[i]
			if add {
				t += d[i]
			}
			d[i] = t
		}
	}
}

// columnSums is Sums for a cleared result.
func columnSums(sums []float64, a, b []float32) {
	channels := len(sums) / 2
	for at := 0; at < len(a); at += run * channels {
		end := min(at+run*channels, len(a))
		for c := range channels {
			var s, q float32
			for p := at + c; p < end; p += channels {
				s += a[p]
				q += float32(a[p] * b[p])
			}
			sums[c] += float64(s)
			sums[channels+c] += float64(q)
		}
	}
}

func maskAffine(g, x, scale, shift []float32) {
	for p := 0; p < len(g); p += len(scale) {
		d, u := g[p:p+len(scale)], x[p:p+len(scale)]
		for i, s := range scale {
			if !(float32(u[i]*s)+shift[i] > 0) {
				d[i] = 0
			}
		}
	}
}

func ceil(y, x []float32, step, top float32) {
	for i, v := range x {
		t := atLeast(float32(math.Ceil(float64(v/step))), 0)
		if t > top {
			t = top
		}
		y[i] = t * step
	}
}

// ceilGradient adds to s and q.
func ceilGradient(s, q *[sixteen]float32, dx, g, x []float32, limit float32) {
	for i, v := range x {
		dx[i] = 0
		switch {
		case v > limit:
			q[i%sixteen] += g[i]
		case v > 0:
			dx[i] = g[i]
			s[i%sixteen] += g[i]
		}
	}
}
