package dataset

import (
	"fmt"
	"sync"
	"unicode"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/gofont/gomonobolditalic"
	"golang.org/x/image/font/gofont/gomonoitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/gofont/gosmallcaps"
	"golang.org/x/image/font/gofont/gosmallcapsitalic"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

var (
	fullFonts = [][]byte{
		goregular.TTF, gobold.TTF, goitalic.TTF, gobolditalic.TTF, gomedium.TTF, gomediumitalic.TTF,
		gomono.TTF, gomonobold.TTF, gomonoitalic.TTF, gomonobolditalic.TTF,
	}
	// smallCaps draw small letters as small capitals, which are used here.
	smallCaps = [][]byte{gosmallcaps.TTF, gosmallcapsitalic.TTF}
)

// outline is a glyph as closed polygons in font units, y down, centred on the
// origin.
type outline struct{ edges []edge }

type point struct{ x, y int }

type edge struct{ from, to point }

// outlines holds the glyphs as [font][class].
var outlines = sync.OnceValue(func() [][]outline {
	var all [][]outline
	for _, file := range fullFonts {
		all = append(all, fontOutlines(file, func(r rune) rune { return r }))
	}
	for _, file := range smallCaps {
		all = append(all, fontOutlines(file, unicode.ToLower))
	}
	return all
})

// parseFont reads a font of the module.
func parseFont(file []byte) *sfnt.Font {
	font, err := sfnt.Parse(file)
	if err != nil {
		panic(fmt.Sprintf("dataset: font in the module: %v", err))
	}
	return font
}

func fontOutlines(file []byte, form func(rune) rune) []outline {
	font := parseFont(file)
	var buf sfnt.Buffer
	var list []outline
	for _, character := range glyphClasses {
		index, err := font.GlyphIndex(&buf, form(character))
		if err != nil || index == 0 {
			panic(fmt.Sprintf("dataset: font in the module lacks %q", character))
		}
		// At one pixel a font unit, coordinates are whole: no rounding.
		segments, err := font.LoadGlyph(&buf, index, fixed.I(int(font.UnitsPerEm())), nil)
		if err != nil {
			panic(fmt.Sprintf("dataset: font in the module: %v", err))
		}
		list = append(list, newOutline(segments))
	}
	return list
}

// newOutline flattens the segments and moves the middle of the box around
// them to the origin.
func newOutline(segments sfnt.Segments) outline {
	var o outline
	var start, at point
	line := func(to point) {
		o.edges = append(o.edges, edge{at, to})
		at = to
	}
	closeContour := func() {
		if at != start {
			line(start)
		}
	}
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			closeContour()
			start = units(s.Args[0])
			at = start
		case sfnt.SegmentOpLineTo:
			line(units(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			flatten(at, units(s.Args[0]), units(s.Args[1]), line)
		default:
			panic("dataset: a TrueType outline has no cubic curves")
		}
	}
	closeContour()
	o.centre()
	return o
}

func units(p fixed.Point26_6) point { return point{p.X.Floor(), p.Y.Floor()} }

// flatten draws the quadratic curve a, b, c as four chords.
func flatten(a, b, c point, line func(point)) {
	const n = 4
	for i := 1; i <= n; i++ {
		p, q, r := (n-i)*(n-i), 2*i*(n-i), i*i
		line(point{(p*a.x + q*b.x + r*c.x) / (n * n), (p*a.y + q*b.y + r*c.y) / (n * n)})
	}
}

func (o *outline) centre() {
	lo, hi := o.edges[0].from, o.edges[0].from
	for _, e := range o.edges {
		lo = point{min(lo.x, e.from.x), min(lo.y, e.from.y)}
		hi = point{max(hi.x, e.from.x), max(hi.y, e.from.y)}
	}
	mid := point{(lo.x + hi.x) / 2, (lo.y + hi.y) / 2}
	for i := range o.edges {
		e := &o.edges[i]
		e.from, e.to = e.from.minus(mid), e.to.minus(mid)
	}
}

func (p point) minus(q point) point { return point{p.x - q.x, p.y - q.y} }
