package dataset

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"

	"bitcycle/internal/crew"
	"bitcycle/internal/files"
	"bitcycle/internal/picture"
)

// maxBytes bounds the pixels of a set that is put together from files.
const maxBytes = 8 << 30

// pictures is a set in the making: files that become images of one size.
type pictures struct {
	files []string
	want  Want
	im    *Images
	seen  []seen // by picture
}

// seen is what became of a picture.
type seen struct {
	err                 error
	transparent, colour bool
}

// decodeAll decodes the pictures on all cores. Of several errors it reports the one of
// the first file. Without a rule all must have the size of the first.
func decodeAll(ctx context.Context, paths []string, want Want) (*Images, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf("no pictures")
	}
	first, err := picture.Load(ctx, paths[0])
	if err != nil {
		return nil, err
	}
	if size := first.Bounds().Size(); want.Fit.Rule == "" || want.H == 0 {
		want.W, want.H, want.Fit.Rule = size.X, size.Y, ""
	}
	channels := 3
	if want.C == 1 {
		channels = 1
	}
	if most := maxBytes / channels / want.W / want.H; len(paths) > most {
		return nil, fmt.Errorf("%d pictures of %d×%d: at most %d fit into %s; take a range", len(paths), want.W, want.H, most, files.Size(maxBytes))
	}
	p := &pictures{files: paths, want: want, seen: make([]seen, len(paths))}
	p.im = &Images{N: len(paths), H: want.H, W: want.W, C: channels, Places: make([]Place, len(paths))}
	p.im.Pixels = make([]uint8, p.im.N*p.im.Size())
	crew.Each(runtime.GOMAXPROCS(0), len(paths), func(i int) { p.seen[i].err = p.decode(ctx, i) })
	for _, s := range p.seen {
		if s.err != nil {
			return nil, s.err
		}
	}
	p.notes()
	return p.im, nil
}

// decode reads picture i.
func (p *pictures) decode(ctx context.Context, i int) error {
	decoded, err := picture.Load(ctx, p.files[i])
	if err != nil {
		return err
	}
	size := decoded.Bounds().Size()
	if p.want.Fit.Rule == "" && (size.X != p.want.W || size.Y != p.want.H) {
		return fmt.Errorf("%s: %d×%d pixels: the first picture has %d×%d; fit under [input] of a network file says how to make them alike", p.files[i], size.X, size.Y, p.want.W, p.want.H)
	}
	pixels, transparent := picture.RGB(decoded)
	p.seen[i].transparent = transparent
	switch {
	case p.im.C == 1:
		p.seen[i].colour = !picture.Grey(pixels)
		pixels = picture.Luma(pixels)
	case p.want.Fit.BGR:
		for k := 0; k < len(pixels); k += 3 {
			pixels[k], pixels[k+2] = pixels[k+2], pixels[k]
		}
	}
	if p.want.Fit.Rule == "" {
		p.im.Places[i] = Place{Scale: [2]float64{1, 1}, Size: [2]int{size.X, size.Y}}
	} else {
		pixels, p.im.Places[i] = p.want.fit(pixels, size.X, size.Y, p.im.C)
	}
	copy(p.im.Pixels[i*p.im.Size():], pixels)
	return nil
}

// notes says what the pictures lost.
func (p *pictures) notes() {
	p.note("are transparent: alpha is dropped, colours are those stored", func(s seen) bool { return s.transparent })
	p.note("have colours: the network reads one channel, 0.299 R + 0.587 G + 0.114 B", func(s seen) bool { return s.colour })
}

func (p *pictures) note(text string, is func(s seen) bool) {
	n, first := 0, ""
	for i, s := range p.seen {
		if is(s) {
			if n++; n == 1 {
				first = filepath.Base(p.files[i])
			}
		}
	}
	if n > 0 {
		p.im.Notes = append(p.im.Notes, fmt.Sprintf("%d of %d pictures (first %s) %s", n, len(p.files), files.Printable(first), text))
	}
}
