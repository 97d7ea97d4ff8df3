package picture

import (
	"image"
	"image/color"
	"image/draw"
)

// Stored returns the colour of a pixel as the file stores it, 16 bits a channel:
// alpha, which is returned beside it, does not darken it.
func Stored(c color.Color) (r, g, b, alpha uint16) {
	switch c := c.(type) {
	case color.NRGBA:
		return uint16(c.R) * 0x101, uint16(c.G) * 0x101, uint16(c.B) * 0x101, uint16(c.A) * 0x101
	case color.NRGBA64:
		return c.R, c.G, c.B, c.A
	}
	r32, g32, b32, a32 := c.RGBA()
	return uint16(r32), uint16(g32), uint16(b32), uint16(a32)
}

// RGB returns red, green and blue of every pixel, 8 bits each, row by row, as the file
// stores them. transparent reports whether alpha that is not full was dropped.
func RGB(p image.Image) (pixels []uint8, transparent bool) {
	size := p.Bounds().Size()
	pixels = make([]uint8, 3*size.X*size.Y)
	switch p := p.(type) {
	case *image.NRGBA:
		return pixels, everyPixel(pixels, p.Pix, p.Stride, size)
	case *image.NRGBA64, *image.Paletted:
		bounds := p.Bounds()
		for i := range size.X * size.Y {
			r, g, b, alpha := Stored(p.At(bounds.Min.X+i%size.X, bounds.Min.Y+i/size.X))
			pixels[3*i], pixels[3*i+1], pixels[3*i+2] = uint8(r>>8), uint8(g>>8), uint8(b>>8)
			transparent = transparent || alpha != 0xffff
		}
		return pixels, transparent
	}
	opaque := image.NewRGBA(image.Rect(0, 0, size.X, size.Y))
	draw.Draw(opaque, opaque.Bounds(), p, p.Bounds().Min, draw.Src)
	return pixels, everyPixel(pixels, opaque.Pix, opaque.Stride, size)
}

// everyPixel copies three of four bytes of every pixel and reports whether the fourth
// was ever less than full.
func everyPixel(to, from []uint8, stride int, size image.Point) (transparent bool) {
	for y := range size.Y {
		row := from[y*stride:][:4*size.X]
		for x := 0; x < len(row); x += 4 {
			copy(to[:3], row[x:x+3])
			to = to[3:]
			transparent = transparent || row[x+3] != 0xff
		}
	}
	return transparent
}

// Grey reports whether red, green and blue of every pixel are alike.
func Grey(rgb []uint8) bool {
	for i := 0; i < len(rgb); i += 3 {
		if rgb[i] != rgb[i+1] || rgb[i] != rgb[i+2] {
			return false
		}
	}
	return true
}

// Luma makes a channel of three: the stored value where they are alike, else
// 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601).
func Luma(rgb []uint8) []uint8 {
	out := make([]uint8, len(rgb)/3)
	for i := range out {
		r, g, b := uint32(rgb[3*i]), uint32(rgb[3*i+1]), uint32(rgb[3*i+2])
		out[i] = uint8((19595*r + 38470*g + 7471*b + 1<<15) >> 16)
	}
	return out
}
