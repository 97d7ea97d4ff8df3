package gemm

import "encoding/binary"

// bitRows is the left operand of a bit product: rows of codes taken apart into planes. Like windows, it
// views patches in padded lines if source and layout allow; otherwise it copies rows.
type bitRows struct {
	src    RowSource8
	lines  lines[uint8] // nil: rows are copied
	layout bitLayout
	format BitFormat
	summed bool // rows are wanted summed, too

	first int  // output line, or row, at the start of buf
	line  int  // bytes of a line, or row, of a plane
	plane int  // bytes of a plane
	at    left // of a row
	codes []uint8
	wide  []uint8 // codes of pixels that do not fill bytes, spread out
	buf   []uint8
	sums  bitSums
}

func (o *bitRows) begin(src RowSource8, l bitLayout, f BitFormat, summed bool) {
	o.src, o.lines, o.layout, o.format, o.summed = src, nil, l, f, summed
	if s := geometry(src); s != nil && s.DilationW == 1 && (bitLayout{s.KH, s.KW, s.CG}) == l {
		o.lines = src.(lines[uint8])
		o.line = s.paddedPixels() * l.pixelBytes()
		o.at = left{s.KH, l.words(), s.StrideW * l.pixelBytes(), 8, s.DilationH * o.line}
		return
	}
	o.line = l.depth() * 8
	o.at = left{1, l.depth(), o.line, 8, 0}
}

// span prepares rows from row on and returns the end of those prepared, at most end.
func (o *bitRows) span(row, end int) int {
	if o.lines == nil {
		end = min(end, row+16)
		o.copyRows(row, end)
		if o.summed {
			o.sumRows(end - row)
		}
		return end
	}
	s := o.lines.geometry()
	o.first = row / s.OutW
	image, oy, n := s.chunk(o.first, (end-1)/s.OutW+1, o.line*o.format.Bits)
	o.room(s.reach(n))
	codes := grow(&o.codes, o.line/o.layout.pixelBytes()*s.CG)
	for i := range s.reach(n) {
		padLine(o.lines, codes, image, oy*s.StrideH-s.PadTop+i)
		o.split(i*o.line, codes)
	}
	if o.summed {
		o.sumLines(n)
	}
	return min(end, (o.first+n)*s.OutW)
}

func (o *bitRows) copyRows(row, end int) {
	o.first = row
	o.room(end - row)
	k := o.layout.k()
	run := k / o.layout.runs
	codes := grow(&o.codes, k)
	for i := range end - row {
		o.src.PackRows(codes, k, row+i, 1, 0, k)
		for r := range o.layout.runs {
			o.split(i*o.line+r*o.layout.words()*8, codes[r*run:][:run])
		}
	}
}

// room makes place for lines, and for the reads and writes of whole words past their end.
func (o *bitRows) room(lines int) {
	o.plane = lines*o.line + 8*(o.layout.words()+1)
	grow(&o.buf, o.format.Bits*o.plane)
}

// split writes the planes of pixels.
func (o *bitRows) split(at int, codes []uint8) {
	c, size := o.layout.channels, o.layout.pixelBytes()*8
	if c != size {
		pixels := len(codes) / c
		wide := grow(&o.wide, pixels*size)
		for i := range pixels {
			copy(wide[i*size:], codes[i*c:][:c])
		}
		codes = wide
	}
	for p := range o.format.Bits {
		active.bitPlane(o.buf[p*o.plane+at:], codes, uint(p))
	}
}

// strip returns how many rows may be viewed together from row on.
func (o *bitRows) strip(row, end int) int {
	if o.lines == nil {
		return end - row
	}
	w := o.lines.geometry().OutW
	return min(end-row, w-row%w)
}

// view returns the rows from row on of a plane.
func (o *bitRows) view(plane, row int) ([]uint8, left) {
	at := (row - o.first) * o.line
	if o.lines != nil {
		s := o.lines.geometry()
		at = (row/s.OutW-o.first)*s.StrideH*o.line + row%s.OutW*o.at.rs
	}
	return o.buf[plane*o.plane+at:], o.at
}

// rowSums returns the sums of prepared rows, from row on, without the offsets of their codes.
func (o *bitRows) rowSums(row int) []int32 {
	first := o.first
	if o.lines != nil {
		first *= o.lines.geometry().OutW
	}
	return o.sums.rows[row-first:]
}

// bitPlane is the plain form of path.bitPlane.
func bitPlane(dst, x []uint8, plane uint) {
	for ; len(x) > 0; dst = dst[8:] {
		var word uint64
		for i := 0; i < 8 && len(x) > 0; i++ {
			word |= uint64(bitsOf8(x, plane)) << (8 * i)
			x = x[min(8, len(x)):]
		}
		binary.LittleEndian.PutUint64(dst, word)
	}
}

// bitsOf8 gathers one bit of each of up to 8 bytes by a multiplication that moves bit 8·i to bit 56+i.
func bitsOf8(x []uint8, plane uint) uint8 {
	if len(x) < 8 {
		var last [8]uint8
		copy(last[:], x)
		x = last[:]
	}
	ones := binary.LittleEndian.Uint64(x) >> plane & 0x0101010101010101
	return uint8(ones * 0x0102040810204080 >> 56)
}
