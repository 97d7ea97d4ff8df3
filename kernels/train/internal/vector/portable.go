package vector

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
