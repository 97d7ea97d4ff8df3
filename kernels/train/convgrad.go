package train

import (
	"bitcycle/kernels/gemm"
	"bitcycle/kernels/train/internal/vector"
)

// lines computes the weight gradient of a convolution without gathering
// patches: in padded lines, a line of a patch is a run of values, and the
// patches of neighbouring positions overlap. Each line of the kernel is one sum
// of outer products of those runs and the output gradient.
type lines struct {
	shape    gemm.ConvShape
	channels int // of the output
	patches  vector.Patches
	high     int // padded lines of an image
	copied   bool
}

// newLines returns nil if the convolution is not of the kind or the machine
// gains nothing.
func newLines(s *gemm.ConvShape, groups, channels int) *lines {
	if groups != 1 || s.DilationW != 1 || !vector.CanOuter(channels) {
		return nil
	}
	l := &lines{shape: *s, channels: channels}
	wide := (s.OutW-1)*s.StrideW + s.KW
	l.high = (s.OutH-1)*s.StrideH + (s.KH-1)*s.DilationH + 1
	l.copied = s.PadTop != 0 || s.PadLeft != 0 || wide > s.W || l.high > s.H
	if !l.copied {
		wide, l.high = s.W, s.H
	}
	l.patches = vector.Patches{
		Width: s.OutW, Rows: s.KW * s.C,
		Step: s.StrideW * s.C, Line: s.StrideH * wide * s.C,
	}
	return l
}

// wide is the number of values of a padded line.
func (l *lines) wide() int { return l.patches.Line / l.shape.StrideH }

// gradient writes Σ over positions of patch ⊗ ∂y of the images x to dw, which
// is [kh][kw][c][channels].
func (l *lines) gradient(w *worker, dw, x, g []float32) {
	s := &l.shape
	clear(dw)
	in, out := s.H*s.W*s.C, s.OutH*s.OutW*l.channels
	for ; len(x) > 0; x, g = x[in:], g[out:] {
		padded := x[:in]
		if l.copied {
			padded = w.floats(l.high * l.wide())
			l.pad(padded, x)
		}
		l.image(dw, padded, g)
	}
}

// image adds the gradient of one image. It takes some lines of the image at a
// time, so that they stay in the first-level cache for all lines of the kernel.
func (l *lines) image(dw, padded, g []float32) {
	s, p := &l.shape, l.patches
	line := p.Width * l.channels
	most := max(1, 6000/(p.Line+line))
	for y := 0; y < s.OutH; y += most {
		p.Lines = min(most, s.OutH-y)
		for ky := range s.KH {
			at := y*p.Line + ky*s.DilationH*l.wide()
			vector.Outer(&p, padded[at:], g[y*line:], l.channels, dw[ky*p.Rows*l.channels:])
		}
	}
}

// pad copies an image into lines with zeros around it.
func (l *lines) pad(dst, x []float32) {
	s, wide := &l.shape, l.wide()
	left := s.PadLeft * s.C
	n := min(s.W*s.C, wide-left)
	for i := range l.high {
		line := dst[i*wide:][:wide]
		y := i - s.PadTop
		if y < 0 || y >= s.H || n <= 0 {
			clear(line)
			continue
		}
		clear(line[:left])
		copy(line[left:], x[y*s.W*s.C:][:n])
		clear(line[left+n:])
	}
}

// block is the number of positions whose patches are gathered at once: they
// stay in the second-level cache.
func (o *conv) block() int { return max(16, 1<<16/o.shape.K()) }

// weightGradient computes ∂W = Σ over positions of ∂y ⊗ patch from gathered
// patches.
func (o *conv) weightGradient(w *worker, dw []float32, lo, hi int) {
	x, g := o.in[0].images(lo, hi), o.out.grad(lo, hi)
	k, channels := o.shape.K(), o.out.shape.C
	cg, block, total := channels/len(o.ahead), o.block(), len(g)/channels
	col := w.floats(block * k)
	for i := range o.ahead {
		source := w.read(&o.ahead[i], x)
		for r := 0; r < total; r += block {
			rows := min(block, total-r)
			source.PackRows(col, k, r, rows, 0, k)
			gemm.Float32(true, false, cg, k, rows, g[r*channels+i*cg:], channels, col, k, r > 0, dw[i*cg*k:], k)
		}
	}
}

// inputGradient computes ∂x as a convolution of ∂y with flipped weights.
func (o *conv) inputGradient(w *worker, lo, hi int) {
	in := o.in[0]
	dx := in.grad(lo, hi)
	if o.add[0] {
		dx = w.floats(len(dx))
	}
	rows := len(dx) / in.shape.C
	for i := range o.back {
		b := &o.back[i]
		b.packed.MulRows(0, rows, w.read(b, o.out.grad(lo, hi)), nil, dx[i*o.shape.CG:], in.shape.C, &w.scratch)
	}
	if o.add[0] {
		vector.Add(in.grad(lo, hi), dx)
	}
}

// scatterGradient computes the gradients of patches, ∂y·W, and adds them up
// where the patches overlap.
func (o *conv) scatterGradient(w *worker, lo, hi int) {
	dx, g := o.in[0].grad(lo, hi), o.out.grad(lo, hi)
	k, channels := o.shape.K(), o.out.shape.C
	cg, block, total := channels/len(o.ahead), o.block(), len(g)/channels
	if !o.add[0] {
		clear(dx)
	}
	col := w.floats(block * k)
	for i := range o.ahead {
		used := o.weight.Used[i*cg*k : (i+1)*cg*k]
		for r := 0; r < total; r += block {
			rows := min(block, total-r)
			gemm.Float32(false, false, rows, k, cg, g[r*channels+i*cg:], channels, used, k, false, col, k)
			scatter(&o.ahead[i].source.ConvShape, dx, col, r, rows)
		}
	}
}

// scatter adds the patches of the positions [r, r+rows) to the images x.
func scatter(s *gemm.ConvShape, x, col []float32, r, rows int) {
	k := s.K()
	for i := range rows {
		row := r + i
		ox, oy, image := row%s.OutW, row/s.OutW%s.OutH, row/s.OutW/s.OutH
		for tap := range s.KH * s.KW {
			y := oy*s.StrideH - s.PadTop + tap/s.KW*s.DilationH
			xx := ox*s.StrideW - s.PadLeft + tap%s.KW*s.DilationW
			if uint(y) >= uint(s.H) || uint(xx) >= uint(s.W) {
				continue
			}
			at := ((image*s.H+y)*s.W+xx)*s.C + s.C0
			vector.Add(x[at:at+s.CG], col[i*k+tap*s.CG:][:s.CG])
		}
	}
}
