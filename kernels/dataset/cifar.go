package dataset

import (
	"context"
	"fmt"
	"strings"
)

// cifarRecord is one label byte and three 32×32 planes, red, green, blue
// (Krizhevsky, "Learning multiple layers of features from tiny images", 2009,
// binary version).
const cifarRecord = 1 + 3*32*32

var cifarClasses = strings.Fields("airplane automobile bird cat deer dog frog horse ship truck")

func loadCIFAR10(ctx context.Context, rest string, r span, _ Want) (*Images, error) {
	path := Resolve(rest)
	data, err := readFile(ctx, path)
	if err != nil {
		return nil, err
	}
	im, err := parseCIFAR10(data, r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return im, nil
}

func parseCIFAR10(data []byte, r span) (*Images, error) {
	if len(data) == 0 || len(data)%cifarRecord != 0 {
		return nil, fmt.Errorf("%d bytes: not a whole number of records of %d", len(data), cifarRecord)
	}
	lo, hi, err := r.within(len(data) / cifarRecord)
	if err != nil {
		return nil, err
	}
	im := &Images{N: hi - lo, H: 32, W: 32, C: 3, Classes: cifarClasses}
	im.Pixels = make([]uint8, im.N*im.Size())
	im.Labels = make([]int, im.N)
	for i := range im.N {
		record := data[(lo+i)*cifarRecord:][:cifarRecord]
		if record[0] > 9 {
			return nil, fmt.Errorf("record %d: label = %d: must be below 10", lo+i, record[0])
		}
		im.Labels[i] = int(record[0])
		interleave(im.Pixels[i*im.Size():][:im.Size()], record[1:], 3)
	}
	return im, nil
}

// interleave turns planes of equal size into pixels of c channels.
func interleave(pixels, planes []uint8, c int) {
	n := len(planes) / c
	for k := range c {
		for p, v := range planes[k*n : (k+1)*n] {
			pixels[p*c+k] = v
		}
	}
}
