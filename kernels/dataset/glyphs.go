package dataset

import (
	"context"
	"fmt"
	"runtime"

	"bitcycle/internal/crew"
)

// GlyphSeed is the seed of the shipped splits.
const GlyphSeed = 1

// glyphClasses are digits and capitals that are easily taken for each other
// once they are distorted.
var glyphClasses = []rune("0OQDCG6B835S2Z71ITYV")

// glyphSplits gives the number of images of each split.
var glyphSplits = map[string]int{"train": 20000, "calib": 1000, "test": 2000}

// loadGlyphs reads "", "train", "calib" or "test" (the default).
func loadGlyphs(_ context.Context, rest string, r span, _ Want) (*Images, error) {
	if rest == "" {
		rest = "test"
	}
	n, ok := glyphSplits[rest]
	if !ok {
		return nil, fmt.Errorf("no split %q (train, calib or test)", rest)
	}
	lo, hi, err := r.within(n)
	if err != nil {
		return nil, err
	}
	return Glyphs(rest, lo, hi, GlyphSeed), nil
}

// Glyphs renders the images [lo, hi) of a split: characters of the Go fonts,
// 32×32, one channel, with random affine distortion, stray strokes, blur,
// contrast of either sign, shading and noise. Each image depends on (split,
// index, seed) alone and on integer arithmetic, so it is the same on every
// machine. Classes follow one another: image i is of class i mod 20.
func Glyphs(split string, lo, hi int, seed uint64) *Images {
	im := &Images{Name: "glyphs:" + split, N: hi - lo, H: glyphSize, W: glyphSize, C: 1}
	im.Pixels = make([]uint8, im.N*im.Size())
	im.Labels = make([]int, im.N)
	for _, r := range glyphClasses {
		im.Classes = append(im.Classes, string(r))
	}
	outlines() // read the fonts once, before the workers start
	crew.Each(runtime.GOMAXPROCS(0), im.N, func(i int) {
		im.Labels[i] = (lo + i) % len(glyphClasses)
		renderGlyph(im.Pixels[i*im.Size():][:im.Size()], im.Labels[i], newRandom(seed, splitKey(split), uint64(lo+i)))
	})
	return im
}

// splitKey hashes the name of a split (FNV-1a).
func splitKey(split string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(split) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// renderGlyph draws one character of the class.
func renderGlyph(pixels []uint8, class int, r random) {
	fonts := outlines()
	var ink plane
	ink.fill(newTransform(&r).apply(fonts[r.below(len(fonts))][class].edges))
	ink.clip()
	for range r.below(3) {
		ink.stroke(&r)
	}
	ink.blur(int32(r.between(10, 85)))
	if r.below(2) == 0 {
		ink.blur(int32(r.between(10, 85)))
	}
	develop(pixels, &ink, &r)
}

// transform maps font units to 1/256 pixel: a 2×2 matrix in 1/65536 and a shift.
type transform struct {
	xx, xy, yx, yy int
	shift          point
}

// newTransform draws a distortion: size and aspect by 30 %, shear and rotation
// by entries off the diagonal up to a third, a shift of up to 4 pixels.
func newTransform(r *random) transform {
	// A capital is 1450 units high and about 20 pixels at size 1.
	const one = 20 * unit * 65536 / 1450
	size := r.between(650, 1150)
	t := transform{
		xx: one * size / 1000 * r.between(800, 1200) / 1000,
		yy: one * size / 1000 * r.between(800, 1200) / 1000,
		xy: one * size / 1000 * r.between(-350, 350) / 1000,
		yx: one * size / 1000 * r.between(-350, 350) / 1000,
	}
	const middle, reach = glyphSize * unit / 2, 4 * unit
	t.shift = point{middle + r.between(-reach, reach), middle + r.between(-reach, reach)}
	return t
}

func (t transform) apply(edges []edge) []edge {
	out := make([]edge, len(edges))
	for i, e := range edges {
		out[i] = edge{t.point(e.from), t.point(e.to)}
	}
	return out
}

func (t transform) point(p point) point {
	return point{
		(t.xx*p.x+t.xy*p.y)>>16 + t.shift.x,
		(t.yx*p.x+t.yy*p.y)>>16 + t.shift.y,
	}
}

// stroke draws or, every other time, erases a thin line across the picture.
func (p *plane) stroke(r *random) {
	const side = glyphSize * unit
	a := point{r.below(side), r.below(side)}
	b := point{r.below(side), r.below(side)}
	width := r.between(unit/2, unit)
	// Offset across the steeper direction keeps the width without a root.
	d := point{width, 0}
	if abs(b.x-a.x) > abs(b.y-a.y) {
		d = point{0, width}
	}
	corners := []point{a, b, {b.x + d.x, b.y + d.y}, {a.x + d.x, a.y + d.y}}
	var line plane
	line.fill([]edge{{corners[0], corners[1]}, {corners[1], corners[2]}, {corners[2], corners[3]}, {corners[3], corners[0]}})
	line.clip()
	erase := r.below(2) == 0
	for i, v := range line {
		if erase {
			p[i] = min(p[i], opaque-v)
		} else {
			p[i] = max(p[i], v)
		}
	}
}

func abs(x int) int { return max(x, -x) }

// develop turns ink into grey levels: paper and ink of random brightness, a
// linear shade across the picture, noise.
func develop(pixels []uint8, ink *plane, r *random) {
	paper := r.between(40, 215)
	contrast := r.between(50, 140)
	if paper > 127 {
		contrast = -contrast
	}
	shadeX, shadeY := r.between(-48, 48), r.between(-48, 48)
	sd := r.between(4, 28)
	for i := range pixels {
		x, y := i%glyphSize-glyphSize/2, i/glyphSize-glyphSize/2
		v := paper + contrast*int(ink[i])/opaque
		v += (shadeX*x + shadeY*y) / glyphSize
		v += r.normal(sd)
		pixels[i] = uint8(max(0, min(v, 255)))
	}
}
