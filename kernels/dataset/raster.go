package dataset

const (
	glyphSize = 32  // pixels a side
	unit      = 256 // subdivisions of a pixel
	lines     = 8   // scan lines of a pixel
	opaque    = unit * lines
)

// plane holds one value a pixel, row by row.
type plane [glyphSize * glyphSize]int32

// fill adds the area of the polygons, whose points are in 1/256 pixel, to the
// plane; a pixel that lies inside gets opaque. It is exact along x and samples
// eight lines of a pixel along y; overlapping contours of the same direction
// count twice and are to be clipped.
func (p *plane) fill(edges []edge) {
	const step = unit / lines
	var cover [glyphSize][glyphSize + 1]int32
	for _, e := range edges {
		direction := int32(1)
		if e.from.y > e.to.y {
			e.from, e.to, direction = e.to, e.from, -1
		}
		// Lines lie at (s + ½)·step; those with from.y ≤ line < to.y cross.
		first := max(0, ceilDiv(e.from.y-step/2, step))
		last := min(glyphSize*lines, ceilDiv(e.to.y-step/2, step))
		for s := first; s < last; s++ {
			y := s*step + step/2
			x := e.from.x + (e.to.x-e.from.x)*(y-e.from.y)/(e.to.y-e.from.y)
			cross(&cover[s/lines], x, direction)
		}
	}
	for row := range cover {
		var sum int32
		for x := range glyphSize {
			sum += cover[row][x]
			p[row*glyphSize+x] += sum
		}
	}
}

// cross records that the polygon begins (direction 1) or ends (−1) at x: the
// running sum of the row is what is covered of each pixel.
func cross(row *[glyphSize + 1]int32, x int, direction int32) {
	x = max(0, min(x, glyphSize*unit-1))
	at, part := x/unit, int32(x%unit)
	row[at] += direction * (unit - part)
	row[at+1] += direction * part
}

// ceilDiv is ⌈a/b⌉ for b > 0.
func ceilDiv(a, b int) int {
	q := a / b
	if a%b > 0 {
		q++
	}
	return q
}

// clip takes the absolute value and limits it to opaque: outlines wind either
// way.
func (p *plane) clip() {
	for i, v := range p {
		p[i] = min(max(v, -v), opaque)
	}
}

// blur convolves rows and columns with (w, 256 − 2w, w)/256; the border
// repeats.
func (p *plane) blur(w int32) {
	var t plane
	for y := range glyphSize {
		row := p[y*glyphSize:][:glyphSize]
		for x, v := range row {
			l, r := row[max(x-1, 0)], row[min(x+1, glyphSize-1)]
			t[y*glyphSize+x] = (v*(256-2*w) + (l+r)*w) >> 8
		}
	}
	for y := range glyphSize {
		up := t[max(y-1, 0)*glyphSize:][:glyphSize]
		mid := t[y*glyphSize:][:glyphSize]
		down := t[min(y+1, glyphSize-1)*glyphSize:][:glyphSize]
		for x, v := range mid {
			p[y*glyphSize+x] = (v*(256-2*w) + (up[x]+down[x])*w) >> 8
		}
	}
}
