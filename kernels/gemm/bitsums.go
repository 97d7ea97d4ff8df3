package gemm

import (
	"encoding/binary"
	"math/bits"
)

// bitSums are the sums of prepared rows of codes, without their offsets.
type bitSums struct {
	rows   []int32
	pixels []int32 // sums of the pixels of the prepared lines,
	column []int32 // and of those that one output line's patches have in each column
}

// sumRows sums rows that were copied, each as runs of pixels.
func (o *bitRows) sumRows(n int) {
	sums := grow(&o.sums.rows, n)
	clear(sums)
	for i := range sums {
		for r := range o.layout.runs {
			run := grow(&o.sums.pixels, o.layout.pixels)
			o.sumPixels(run, i*o.line+r*o.layout.words()*8)
			for _, v := range run {
				sums[i] += v
			}
		}
	}
}

// sumLines sums the patches of n output lines: from the sums of pixels, which neighbours share.
func (o *bitRows) sumLines(n int) {
	s := o.lines.geometry()
	width := s.paddedPixels()
	pixels := grow(&o.sums.pixels, s.reach(n)*width)
	for i := range s.reach(n) {
		o.sumPixels(pixels[i*width:][:width], i*o.line)
	}
	sums, column := grow(&o.sums.rows, n*s.OutW), grow(&o.sums.column, width)
	for y := range n {
		clear(column)
		for ky := range s.KH {
			for x, v := range pixels[(y*s.StrideH+ky*s.DilationH)*width:][:width] {
				column[x] += v
			}
		}
		for x := range s.OutW {
			var total int32
			for _, v := range column[x*s.StrideW:][:s.KW] {
				total += v
			}
			sums[y*s.OutW+x] = total
		}
	}
}

// sumPixels sums the codes of each pixel from byte at of the planes on. It reads whole words, which may
// reach past a pixel.
func (o *bitRows) sumPixels(sums []int32, at int) {
	size := o.layout.pixelBytes()
	whole := (o.layout.channels - 1) / 64 * 8
	last := ^uint64(0) >> (8*whole + 64 - o.layout.channels)
	clear(sums)
	for p := range o.format.Bits {
		x, weight := o.buf[p*o.plane+at:], o.format.weight(p)
		for i := range sums {
			pixel := x[i*size:][:whole+8]
			count := bits.OnesCount64(binary.LittleEndian.Uint64(pixel[whole:]) & last)
			for ; len(pixel) > 8; pixel = pixel[8:] {
				count += bits.OnesCount64(binary.LittleEndian.Uint64(pixel))
			}
			sums[i] += weight * int32(count)
		}
	}
}
