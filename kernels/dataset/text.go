package dataset

import (
	"context"
	"encoding/csv"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goitalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"bitcycle/internal/crew"
	"bitcycle/internal/files"
)

// loadText reads pictures of lines and what they read: DIR/labels.csv with the columns
// file and text, pictures in DIR/images.
func loadText(ctx context.Context, rest string, r span, want Want) (*Images, error) {
	dir := Resolve(rest)
	table := filepath.Join(dir, "labels.csv")
	f, err := files.Open(ctx, table, files.Table)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := csv.NewReader(files.Text(f))
	head, err := in.Read()
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("%s: %w", table, err)
	}
	file, text := slices.Index(head, "file"), slices.Index(head, "text")
	if file < 0 || text < 0 {
		return nil, fmt.Errorf("%s:1: columns %q: want file and text", table, head)
	}
	var paths, texts []string
	for {
		row, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", table, err)
		}
		if line, _ := in.FieldPos(0); !filepath.IsLocal(row[file]) {
			return nil, fmt.Errorf("%s:%d: file = %q: must be a name below images", table, line, row[file])
		}
		paths, texts = append(paths, filepath.Join(dir, "images", row[file])), append(texts, row[text])
	}
	im, lo, err := decodeRange(ctx, paths, r, want)
	if err != nil {
		return nil, err
	}
	im.Texts = texts[lo:][:im.N]
	return im, nil
}

// Lines are rendered at this height and width unless a network reads another.
const (
	lineHeight = 48
	lineWidth  = 320
)

// lineSplits gives the number of lines of each split.
var lineSplits = map[string]int{"test": 200, "calib": 64}

// lineWords are what lines are made of, beside numbers.
var lineWords = strings.Fields(`the quick brown fox jumps over a lazy dog Sphinx of black quartz judge my vow pack box with five dozen
	liquor jugs How vexingly daft zebras jump Invoice Total Amount Street Road North Model Width Cycles Energy Memory Network Layer weight
	input output array bits page table error rate Monday Friday April August London Berlin Tokyo open closed exit platform room number`)

// loadLines renders "", "test" or "calib".
func loadLines(_ context.Context, rest string, r span, want Want) (*Images, error) {
	if rest == "" {
		rest = "test"
	}
	n, ok := lineSplits[rest]
	if !ok {
		return nil, fmt.Errorf("no split %q (calib or test)", rest)
	}
	lo, hi, err := r.within(n)
	if err != nil {
		return nil, err
	}
	im := &Images{N: hi - lo, H: lineHeight, W: lineWidth, C: 3}
	if want.H > 0 && want.W > 0 {
		im.H, im.W = want.H, want.W
	}
	if want.C == 1 {
		im.C = 1
	}
	im.Pixels, im.Texts = make([]uint8, im.N*im.Size()), make([]string, im.N)
	lineFonts()
	crew.Each(runtime.GOMAXPROCS(0), im.N, func(i int) {
		rng := rand.New(rand.NewPCG(GlyphSeed, splitKey("lines:"+rest)+uint64(lo+i)))
		im.Texts[i] = im.line(im.Pixels[i*im.Size():][:im.Size()], rng)
	})
	return im, nil
}

// lineFonts are those of lines.
var lineFonts = sync.OnceValue(func() (fonts []*opentype.Font) {
	for _, file := range [][]byte{goregular.TTF, gobold.TTF, goitalic.TTF, gomedium.TTF, gomono.TTF} {
		fonts = append(fonts, parseFont(file))
	}
	return fonts
})

// line renders words of a random font, size, ink and paper, and returns them.
func (im *Images) line(pixels []uint8, rng *rand.Rand) string {
	fonts := lineFonts()
	size := float64(im.H) * (0.45 + 0.2*rng.Float64())
	face, err := opentype.NewFace(fonts[rng.IntN(len(fonts))], &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		panic(fmt.Sprintf("dataset: font in the module: %v", err))
	}
	defer face.Close()
	margin := im.H / 6
	text := fill(face, im.W-2*margin, rng)
	paper, ink := uint8(180+rng.IntN(76)), uint8(rng.IntN(90))
	canvas := image.NewGray(image.Rect(0, 0, im.W, im.H))
	draw.Draw(canvas, canvas.Bounds(), image.NewUniform(color.Gray{paper}), image.Point{}, draw.Src)
	d := font.Drawer{Dst: canvas, Src: image.NewUniform(color.Gray{ink}), Face: face, Dot: fixed.P(margin, im.H/2+int(0.35*size))}
	d.DrawString(text)
	noise := 1 + 6*rng.Float64()
	for p, v := range canvas.Pix {
		v := uint8(min(max(float64(v)+noise*rng.NormFloat64(), 0), 255))
		for c := range im.C {
			pixels[p*im.C+c] = v
		}
	}
	return text
}

// fill puts words and numbers behind one another as far as there is room, at most four.
func fill(face font.Face, width int, rng *rand.Rand) string {
	text := ""
	for range 1 + rng.IntN(4) {
		word := lineWords[rng.IntN(len(lineWords))]
		if rng.IntN(4) == 0 {
			word = fmt.Sprint(rng.IntN(10000))
		}
		next := strings.TrimSpace(text + " " + word)
		if text != "" && font.MeasureString(face, next).Ceil() > width {
			break
		}
		text = next
	}
	return text
}
