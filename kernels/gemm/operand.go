package gemm

import "unsafe"

// copied is an operand whose strips are copied out of the source, a row after the other.
type copied[A number] struct {
	src        RowSource[A]
	group, run int
	rows       int
	transposed bool
	buf        []A

	// Columns of a transposed source are copied many at a time, for the caches' sake.
	end           int // of the rows asked for
	wide          int // columns in buf,
	first, firstK int // from this row and element of k on
}

func (o *copied[A]) begin(src RowSource[A], group, run, rows int, transposed bool) {
	o.src, o.group, o.run, o.rows, o.transposed = src, group, run, rows, transposed
	o.wide = 0
	if !transposed {
		grow(&o.buf, rows*blockSteps*group)
	}
}

func (o *copied[A]) span(_, end int) int { return end }

func (o *copied[A]) strip(row, end int) int {
	o.end = end
	return even(end-row, o.rows)
}

func (o *copied[A]) depth(k0, k int) int {
	return min(k0+blockSteps*o.group, k0-k0%o.run+o.run, k)
}

func (o *copied[A]) view(row, rows, k0, k1 int) ([]A, left) {
	if o.transposed {
		if k0 != o.firstK || row < o.first || row+rows > o.first+o.wide {
			o.wide = min(o.end-row, o.rows*blockRows)
			o.first, o.firstK = row, k0
			grow(&o.buf, o.wide*(k1-k0))
			o.src.PackRows(o.buf, o.wide, k0, k1-k0, row, o.wide)
		}
		return o.buf[row-o.first:], left{1, k1 - k0, 1, o.wide, 0}
	}
	steps := (k1 - k0 + o.group - 1) / o.group
	o.src.PackRows(o.buf, steps*o.group, row, rows, k0, k1-k0)
	return o.buf, left{1, steps, steps * o.group, o.group, 0}
}

// even is the size of the first of the fewest equal parts of n that are at most most.
func even(n, most int) int {
	parts := (n + most - 1) / most
	return (n + parts - 1) / parts
}

// lines is a source of images that can copy whole lines of pixels.
type lines[A number] interface {
	// geometry returns nil if the source cannot copy lines after all.
	geometry() *ConvShape
	// copyLine copies the channels [C0, C0+CG) of pixels [0, n) of line y of an image; if the line is
	// outside the image, zeros.
	copyLine(dst []A, image, y, n int)
	// fill writes zeros.
	fill(dst []A)
}

// padLine copies a line of an image with zeros around it to the length of dst.
func padLine[A number](src lines[A], dst []A, image, y int) {
	s := src.geometry()
	if uint(y) >= uint(s.H) {
		src.fill(dst)
		return
	}
	begin := min(s.PadLeft*s.CG, len(dst))
	n := min(s.W, (len(dst)-begin)/s.CG)
	src.fill(dst[:begin])
	src.copyLine(dst[begin:], image, y, n)
	src.fill(dst[begin+n*s.CG:])
}

// raw is a source whose elements may be read in place.
type raw[A number] interface{ elements() []A }

// windows is an operand that views patches where they lie in lines of pixels: positions next to each
// other share the pixels that their patches share, and a line of a patch is one segment. The lines are
// padded copies, or the images themselves if no patch leaves them.
type windows[A number] struct {
	src    lines[A]
	s      ConvShape
	group  int
	run    int // elements of a line of a patch
	pixel  int // elements from a pixel to the next,
	stride int // and from a line to the next
	first  int // output line at the start of buf, counted over all images
	x      []A // the images, or nil
	buf    []A
}

// begin reports whether the source is of the kind that windows can view. Elements of a step past the
// end of a run meet zeros in B if B is packed in the same runs.
func (o *windows[A]) begin(src RowSource[A], group, run int) bool {
	l, ok := src.(lines[A])
	if !ok {
		return false
	}
	s := l.geometry()
	if s == nil || s.DilationW != 1 || s.KW*s.CG%group != 0 && s.KW*s.CG != run {
		return false
	}
	o.src, o.s, o.group, o.x = l, *s, group, nil
	o.run = s.KW * s.CG
	o.pixel, o.stride = s.CG, s.paddedPixels()*s.CG
	if x, ok := src.(raw[A]); ok && o.run%group == 0 && o.inPlace() {
		o.x = x.elements()
		o.pixel, o.stride = s.C, s.W*s.C
		o.s = s.flat()
	}
	return true
}

// inPlace reports whether patches never leave the images, have runs without gaps, and begin at places
// that the first-level cache does not confuse.
func (o *windows[A]) inPlace() bool {
	s := &o.s
	var e A
	return s.PadTop == 0 && s.PadLeft == 0 && s.reach(s.OutH) <= s.H && s.paddedPixels() <= s.W &&
		(s.CG == s.C || s.KW == 1) && s.StrideW*s.C*int(unsafe.Sizeof(e))%4096 != 0
}

func (o *windows[A]) span(row, end int) int {
	if o.x != nil {
		return end
	}
	s := &o.s
	var e A
	o.first = row / s.OutW
	image, oy, n := s.chunk(o.first, (end-1)/s.OutW+1, o.stride*int(unsafe.Sizeof(e)))
	buf := grow(&o.buf, s.reach(n)*o.stride+o.group)
	for i := range s.reach(n) {
		padLine(o.src, buf[i*o.stride:][:o.stride], image, oy*s.StrideH-s.PadTop+i)
	}
	return min(end, (o.first+n)*s.OutW)
}

func (o *windows[A]) strip(row, end int) int { return min(end-row, o.s.OutW-row%o.s.OutW) }

func (o *windows[A]) depth(k0, k int) int {
	most := blockSteps * o.group
	if o.run > most {
		return min(k0+most, k0-k0%o.run+o.run)
	}
	return min(k0+most/o.run*o.run, k)
}

func (o *windows[A]) view(row, rows, k0, k1 int) ([]A, left) {
	s := &o.s
	l := left{1, (k1 - k0 + o.group - 1) / o.group, s.StrideW * o.pixel, o.group, s.DilationH * o.stride}
	if k1-k0 > o.run {
		l.segments, l.steps = (k1-k0)/o.run, (o.run+o.group-1)/o.group
	}
	line, buf := row/s.OutW, o.x
	if buf == nil {
		line, buf = (line-o.first)*s.StrideH, o.buf
	} else {
		line, buf = line/s.OutH*s.H+line%s.OutH*s.StrideH, buf[s.C0:]
	}
	return buf[(line+k0/o.run*s.DilationH)*o.stride+row%s.OutW*l.rs+k0%o.run:], l
}
