package reports

import (
	"bufio"
	"fmt"
	"html"
	"io"
	"math"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

// picture is a plot of 16 × 11 cm as SVG, in units of a fortieth of a centimetre: axes
// around an area, and a legend in a column to its right.
type picture struct {
	w    *bufio.Writer
	x, y scale
	area box
}

type box struct{ left, top, right, bottom float64 }

// The size of a picture and of its letters.
const (
	pictureWidth, pictureHeight = 640, 440
	letter                      = 12
	letterWidth                 = 7 // of most fonts, a little more than it takes
)

// scale is an axis: the values at its ends, and where they are marked.
type scale struct {
	name     string
	log      bool
	low, top float64
	ticks    []tick
}

// tick marks a value of an axis; one without a label is short.
type tick struct {
	value float64
	label string
}

// include makes room for a value.
func (s *scale) include(v float64) { s.low, s.top = math.Min(s.low, v), math.Max(s.top, v) }

// settle gives an axis of one value, or of none, room on both sides, and marks it.
func (s *scale) settle() {
	switch {
	case s.low > s.top && s.log:
		s.low, s.top = 1, 10
	case s.low > s.top:
		s.low, s.top = -1, 1
	case s.low == s.top && s.log:
		s.low, s.top = s.low/2, s.top*2
	case s.low == s.top:
		s.low, s.top = s.low-1, s.top+1
	}
	if s.log {
		s.ticks = decades(s.low, s.top)
	} else {
		s.ticks = rounds(s.low, s.top)
	}
}

// at is where a value lies between the ends, 0 to 1.
func (s *scale) at(v float64) float64 {
	if s.log {
		return math.Log(v/s.low) / math.Log(s.top/s.low)
	}
	return (v - s.low) / (s.top - s.low)
}

func emptyScale(name string, logarithmic bool) scale {
	return scale{name: name, log: logarithmic, low: math.Inf(1), top: math.Inf(-1)}
}

// begin opens a picture whose legend has these names, with room below for text that hangs
// so deep.
func begin(w io.Writer, title string, x, y scale, legend []string, below float64) *picture {
	p := &picture{w: bufio.NewWriter(w), x: x, y: y}
	left := 0
	for _, t := range y.ticks {
		left = max(left, displaywidth.String(t.label))
	}
	right := 0
	for _, name := range legend {
		right = max(right, displaywidth.String(name))
	}
	p.area = box{
		left: float64(30 + left*letterWidth), top: 2 * letter, right: float64(pictureWidth - 50 - right*letterWidth),
		bottom: pictureHeight - 2*letter - below,
	}
	p.header(title, pictureHeight)
	middle := (p.area.top + p.area.bottom) / 2
	p.text(letter, middle, "middle", y.name, fmt.Sprintf(" transform=\"rotate(-90 %d %.1f)\"", letter, middle))
	return p
}

// header begins a picture of a height, with its title above and the name of x below the
// area.
func (p *picture) header(title string, height int) {
	p.printf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"16cm\" height=\"%gcm\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"%d\">\n",
		float64(height)/40, pictureWidth, height, letter)
	p.printf("<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n")
	p.text((p.area.left+p.area.right)/2, letter+3, "middle", title, "")
	p.text((p.area.left+p.area.right)/2, float64(height-6), "middle", p.x.name, "")
}

func (p *picture) printf(format string, args ...any) { fmt.Fprintf(p.w, format, args...) }

// place is the point of two values.
func (p *picture) place(x, y float64) (float64, float64) {
	return p.area.left + p.x.at(x)*(p.area.right-p.area.left), p.area.bottom - p.y.at(y)*(p.area.bottom-p.area.top)
}

func (p *picture) text(x, y float64, anchor, text, more string) {
	if text != "" {
		p.printf("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\"%s>%s</text>\n", x, y, anchor, more, html.EscapeString(clean(text)))
	}
}

func (p *picture) line(x1, y1, x2, y2 float64, colour string) {
	p.printf("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", x1, y1, x2, y2, colour)
}

// horizontal draws the axis of x and the grid above it, vertical those of y.
func (p *picture) horizontal() {
	for _, t := range p.x.ticks {
		x := p.area.left + p.x.at(t.value)*(p.area.right-p.area.left)
		if x < p.area.left-0.01 || x > p.area.right+0.01 {
			continue
		}
		p.mark(t, x, p.area.bottom, 0, 1)
		if t.label != "" {
			p.line(x, p.area.top, x, p.area.bottom, "#ddd")
			p.text(x, p.area.bottom+letter+6, "middle", t.label, "")
		}
	}
	p.line(p.area.left, p.area.bottom, p.area.right, p.area.bottom, "black")
}

func (p *picture) vertical() {
	for _, t := range p.y.ticks {
		y := p.area.bottom - p.y.at(t.value)*(p.area.bottom-p.area.top)
		if y < p.area.top-0.01 || y > p.area.bottom+0.01 {
			continue
		}
		p.mark(t, p.area.left, y, -1, 0)
		if t.label != "" {
			p.line(p.area.left, y, p.area.right, y, "#ddd")
			p.text(p.area.left-8, y+4, "end", t.label, "")
		}
	}
	p.line(p.area.left, p.area.top, p.area.left, p.area.bottom, "black")
}

func (p *picture) mark(t tick, x, y, dx, dy float64) {
	length := 3.0
	if t.label != "" {
		length = 5
	}
	p.line(x, y, x+dx*length, y+dy*length, "black")
}

// legend writes a name into the column to the right and returns where its sign belongs.
func (p *picture) legend(row int, name string) (x, y float64) {
	x, y = p.area.right+24, p.area.top+letter+float64(row)*1.5*letter
	p.text(x+14, y+4, "start", name, "")
	return x, y
}

// end closes the picture.
func (p *picture) end() error {
	p.printf("</svg>\n")
	return p.w.Flush()
}

// colour is the i-th of a palette that is safe for the colour-blind (Okabe and Ito).
func colour(i int) string {
	palette := strings.Fields("#0072B2 #D55E00 #009E73 #CC79A7 #E69F00 #56B4E9 #000000 #999999 #F0E442")
	return palette[i%len(palette)]
}
