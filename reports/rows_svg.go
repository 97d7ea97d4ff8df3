package reports

import (
	"bufio"
	"io"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// Rows is a plot of stacked bars that lie below each other: for many of them, with long
// names.
type Rows struct {
	Title, XLabel string
	Names         []string // of the bars
	Parts         []Part   // left out where they are zero in every bar
}

// WriteSVG draws the plot, as high as its bars need.
func (r *Rows) WriteSVG(w io.Writer) error {
	const bar, longest = 16, 34
	p := &picture{w: bufio.NewWriter(w), x: emptyScale(r.XLabel, false), y: scale{top: float64(len(r.Names))}}
	p.x.include(0)
	var shown []Part
	tops, legend, left := make([]float64, len(r.Names)), 0, 0
	for _, part := range r.Parts {
		if sumOf(part.Values) == 0 {
			continue
		}
		shown, legend = append(shown, part), max(legend, displaywidth.String(part.Name))
		for i, v := range part.Values {
			tops[i] += v
			p.x.include(tops[i])
		}
	}
	for _, name := range r.Names {
		left = max(left, displaywidth.String(ending(name, longest)))
	}
	p.x.settle()
	height := max(len(r.Names), len(shown)+1)*bar + 5*letter
	p.area = box{left: float64(10 + left*letterWidth), top: 2 * letter, right: float64(pictureWidth - 50 - legend*letterWidth), bottom: float64(height - 3*letter)}
	p.area.bottom = p.area.top + float64(len(r.Names)*bar)
	p.header(r.Title, height)
	p.horizontal()
	base := make([]float64, len(r.Names))
	for n, part := range shown {
		for i, v := range part.Values {
			x, _ := p.place(base[i], 0)
			base[i] += v
			end, _ := p.place(base[i], 0)
			p.printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n", x, p.area.top+float64(i*bar)+2, end-x, bar-4, colour(n))
		}
		lx, ly := p.legend(n, part.Name)
		p.printf("<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"10\" fill=\"%s\"/>\n", lx-6, ly-5, colour(n))
	}
	for i, name := range r.Names {
		p.text(p.area.left-5, p.area.top+float64(i*bar)+12, "end", ending(name, longest), "")
	}
	p.line(p.area.left, p.area.top, p.area.left, p.area.bottom, "black")
	return p.end()
}

// ending is a text's end where it is longer than so many characters: what tells layers
// apart stands there.
func ending(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	runes := []rune(text)
	return "…" + string(runes[len(runes)-most+1:])
}
