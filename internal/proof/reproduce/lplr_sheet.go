package reproduce

import (
	"image"
	"image/color"
	"image/png"
	"io"
	"math"

	"bitcycle/internal/files"
)

// writeSheet draws a row of pictures side by side for each of rows, at a quarter of
// their size.
func writeSheet(path string, rows [][]image.Image) error {
	const shrink, gap = 4, 4
	width, height := 0, gap
	for _, row := range rows {
		w, h := gap, 0
		for _, p := range row {
			w += p.Bounds().Dx()/shrink + gap
			h = max(h, p.Bounds().Dy()/shrink)
		}
		width, height = max(width, w), height+h+gap
	}
	sheet := image.NewRGBA(image.Rect(0, 0, width, height))
	y := gap
	for _, row := range rows {
		x, h := gap, 0
		for _, p := range row {
			b := p.Bounds()
			for i := range b.Dy() / shrink {
				for j := range b.Dx() / shrink {
					sheet.Set(x+j, y+i, averageOf(p, image.Rect(j*shrink, i*shrink, (j+1)*shrink, (i+1)*shrink)))
				}
			}
			x += b.Dx()/shrink + gap
			h = max(h, b.Dy()/shrink)
		}
		y += h + gap
	}
	return files.Write(path, func(w io.Writer) error { return png.Encode(w, sheet) })
}

// averageOf is the mean colour of a part of a picture.
func averageOf(p image.Image, part image.Rectangle) color.Color {
	var sum [3]uint32
	n := uint32(part.Dx() * part.Dy())
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			r, g, b, _ := p.At(x, y).RGBA()
			sum[0], sum[1], sum[2] = sum[0]+r, sum[1]+g, sum[2]+b
		}
	}
	return color.RGBA64{uint16(sum[0] / n), uint16(sum[1] / n), uint16(sum[2] / n), math.MaxUint16}
}
