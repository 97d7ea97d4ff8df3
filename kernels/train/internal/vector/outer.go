package vector

// outer is Outer for a fixed number of rows and one vector of columns; steps
// count bytes.
type outer struct {
	rows int
	sum  func(lines, width int, x *float32, xStep, xLine int, d *float32, dStep int, c *float32, ldc int)
}

// Patches says where Outer finds its operands. Position p of line l pairs the
// values x[l·Line + p·Step + i], i < Rows, with the row l·Width + p of d.
type Patches struct {
	Lines, Width int
	Step, Line   int
	Rows         int
}

// CanOuter reports whether Outer is fast for n columns; it works for any.
func CanOuter(n int) bool { return fitting(n) != nil }

// Outer adds to the Rows×n matrix c the sum of the outer products of all
// positions,
//
//	c[i][j] += Σ over l, p of x[l·Line + p·Step + i]·d[(l·Width + p)·n + j].
//
// It is the weight gradient of one line of a convolution kernel, whose patches
// overlap in x. Sums are fused where the machine can.
func Outer(p *Patches, x, d []float32, n int, c []float32) {
	if p.Lines == 0 || p.Width == 0 {
		return
	}
	_ = x[(p.Lines-1)*p.Line+(p.Width-1)*p.Step+p.Rows-1]
	_, _ = d[p.Lines*p.Width*n-1], c[p.Rows*n-1]
	path := fitting(n)
	if path == nil {
		p.plain(x, d, n, c)
		return
	}
	for row := 0; row < p.Rows; {
		o := path.fit(p.Rows - row)
		for j := 0; j < n; j += path.lanes {
			o.sum(p.Lines, p.Width, &x[row], 4*p.Step, 4*p.Line, &d[j], 4*n, &c[row*n+j], 4*n)
		}
		row += o.rows
	}
}

// fit returns the outer product with the most rows that are not too many.
func (p *path) fit(rows int) *outer {
	for i := range p.outer {
		if p.outer[i].rows <= rows {
			return &p.outer[i]
		}
	}
	panic("vector: no outer product of one row")
}

func (p *Patches) plain(x, d []float32, n int, c []float32) {
	for l := range p.Lines {
		for w := range p.Width {
			row := d[(l*p.Width+w)*n:][:n]
			for i, v := range x[l*p.Line+w*p.Step:][:p.Rows] {
				to := c[i*n:][:n]
				for j, g := range row {
					to[j] += v * g
				}
			}
		}
	}
}
