package dataset

import "math"

// taps are the pixels that a pixel of a scaled line is made of.
type taps struct {
	first   int
	weights []float32
}

// tapsOf are those of a line of n pixels scaled to m: with "bilinear" two neighbours of
// the place (x + ½)·n/m − ½, with "area" a triangle as wide as what the pixel covers
// where the line shrinks, with "nearest" the pixel at ⌊(x + ½)·n/m⌋.
func tapsOf(n, m int, scan string) []taps {
	out := make([]taps, m)
	step := float64(n) / float64(m)
	for x := range out {
		centre := (float64(x)+0.5)*step - 0.5
		reach := 1.0
		switch scan {
		case "nearest":
			out[x] = taps{min(int((float64(x)+0.5)*step), n-1), []float32{1}}
			continue
		case "area":
			reach = max(step, 1)
		}
		first, last := int(math.Floor(centre-reach))+1, int(math.Ceil(centre+reach))-1
		out[x] = triangle(centre, reach, first, last, n)
	}
	return out
}

// triangle weighs the pixels first to last by their distance from the centre; those
// beyond the line's ends count for the pixels there.
func triangle(centre, reach float64, first, last, n int) taps {
	lo, hi := min(max(first, 0), n-1), min(max(last, 0), n-1)
	t := taps{lo, make([]float32, hi-lo+1)}
	var sum float64
	for i := first; i <= last; i++ {
		sum += 1 - math.Abs(float64(i)-centre)/reach
	}
	for i := first; i <= last; i++ {
		at := min(max(i, 0), n-1)
		t.weights[at-lo] += float32((1 - math.Abs(float64(i)-centre)/reach) / sum)
	}
	return t
}

// resize scales a picture of w×h with so many channels to sw×sh, rounding once at the
// end.
func resize(pixels []uint8, w, h, channels, sw, sh int, scan string) []uint8 {
	if w == sw && h == sh {
		return pixels
	}
	across, down := tapsOf(w, sw, scan), tapsOf(h, sh, scan)
	rows := make([]float32, h*sw*channels)
	for y := range h {
		row, from := rows[y*sw*channels:][:sw*channels], pixels[y*w*channels:][:w*channels]
		for x, t := range across {
			for k, weight := range t.weights {
				at := (t.first + k) * channels
				for c := range channels {
					row[x*channels+c] += weight * float32(from[at+c])
				}
			}
		}
	}
	out := make([]uint8, sw*sh*channels)
	sums := make([]float32, sw*channels)
	for y, t := range down {
		clear(sums)
		for k, weight := range t.weights {
			for i, v := range rows[(t.first+k)*sw*channels:][:len(sums)] {
				sums[i] += weight * v
			}
		}
		for i, v := range sums {
			out[y*len(sums)+i] = uint8(min(max(v+0.5, 0), 255))
		}
	}
	return out
}

// fit makes an image of the wanted size of a picture.
func (want *Want) fit(pixels []uint8, w, h, channels int) ([]uint8, Place) {
	sw, sh, place := want.placed(w, h)
	scaled := resize(pixels, w, h, channels, sw, sh, want.Fit.Scan)
	if sw == want.W && sh == want.H {
		return scaled, place
	}
	out := make([]uint8, want.W*want.H*channels)
	for i := range out {
		out[i] = want.Fit.Fill
	}
	left, top := int(place.Shift[0]), int(place.Shift[1])
	for y := max(0, -top); y < sh && y+top < want.H; y++ {
		x, n := max(0, -left), min(sw, want.W-left)
		copy(out[((y+top)*want.W+x+left)*channels:], scaled[(y*sw+x)*channels:(y*sw+n)*channels])
	}
	return out, place
}
