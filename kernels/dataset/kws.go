package dataset

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
)

// Keyword features of MLPerf Tiny (Banbury et al., NeurIPS Datasets and
// Benchmarks 2021): 49 frames of 10 cepstral coefficients, int8.
const kwsFrames, kwsCoefficients = 49, 10

var kwsClasses = strings.Fields("Down Go Left No Off On Right Stop Up Yes Silence Unknown")

// loadKWS reads the only pair *-features-int8-*.bin.gz, *-labels-u8-*.bin.gz in DIR.
func loadKWS(ctx context.Context, rest string, r span, _ Want) (*Images, error) {
	dir := Resolve(rest)
	var data [2][]byte
	var path string
	for i, pattern := range []string{"*-features-int8-*.bin.gz", "*-labels-u8-*.bin.gz"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(found) != 1 {
			return nil, fmt.Errorf("%s: %d files %s: want one", dir, len(found), pattern)
		}
		path = found[0]
		if data[i], err = readFile(ctx, path); err != nil {
			return nil, err
		}
	}
	im, err := parseKWS(data[0], data[1])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return im.cut(r)
}

func parseKWS(features, labels []byte) (*Images, error) {
	size := kwsFrames * kwsCoefficients
	if len(features) == 0 || len(features)%size != 0 {
		return nil, fmt.Errorf("%d bytes of features: not a whole number of records of %d", len(features), size)
	}
	im := &Images{N: len(features) / size, H: kwsFrames, W: kwsCoefficients, C: 1, Classes: kwsClasses}
	im.Values = make([]float32, len(features))
	for i, b := range features {
		im.Values[i] = float32(int8(b))
	}
	var err error
	im.Labels, err = byteLabels(labels, im.N, len(kwsClasses))
	return im, err
}
