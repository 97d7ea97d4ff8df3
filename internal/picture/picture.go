// Package picture decodes PNG and JPEG files of bounded size.
package picture

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // register the decoder
	_ "image/png"  // register the decoder
	"io"

	"bitcycle/internal/files"
)

// maxPixels bounds a picture: 2²⁶ are 8192 × 8192.
const maxPixels = 1 << 26

// freeBytes may be decoded of the smallest file: a blank page of eight million pixels.
const freeBytes = 32 << 20

// Load decodes the picture in a file. Its dimensions are read first and held against
// the length of the file. Errors name the file.
func Load(ctx context.Context, path string) (image.Image, error) {
	r, err := files.Open(ctx, path, files.Data)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	p, err := decode(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", files.Printable(path), err)
	}
	return p, nil
}

func decode(r *files.Reader) (image.Image, error) {
	config, _, err := image.DecodeConfig(r)
	if err != nil {
		return nil, clear(err)
	}
	if config.Height < 1 || config.Width < 1 || config.Width > maxPixels/config.Height {
		return nil, fmt.Errorf("%d×%d pixels: want 1 to %d", config.Width, config.Height, maxPixels)
	}
	if err := files.CheckRatio(r.Size(), int64(config.Width*config.Height*bytesPer(config.ColorModel)), freeBytes); err != nil {
		return nil, fmt.Errorf("%d×%d pixels: %w", config.Width, config.Height, err)
	}
	if err := files.Fits("the picture", float64(config.Width*config.Height*bytesPer(config.ColorModel))); err != nil {
		return nil, err
	}
	if err := r.Rewind(); err != nil {
		return nil, err
	}
	p, _, err := image.Decode(r)
	return p, clear(err)
}

// clear puts the errors of the decoders in words.
func clear(err error) error {
	switch {
	case errors.Is(err, image.ErrFormat):
		return fmt.Errorf("%w: want PNG or JPEG", err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends within the picture")
	}
	return err
}

// bytesPer is what a decoded pixel takes.
func bytesPer(model color.Model) int {
	switch model {
	case color.GrayModel:
		return 1
	case color.Gray16Model:
		return 2
	case color.YCbCrModel:
		return 3
	case color.RGBA64Model, color.NRGBA64Model:
		return 8
	}
	if _, ok := model.(color.Palette); ok {
		return 1
	}
	return 4
}
