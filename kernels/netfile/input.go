package netfile

import (
	"slices"
	"strings"

	"bitcycle/internal/strict"
	"bitcycle/kernels/dataset"
)

// input is how pixels become inputs: (x − mean)/std, with x as it is stored.
type input struct {
	Mean  []float32 `toml:"mean"`  // one for all channels, or one for each; 0 unless given
	Std   []float32 `toml:"std"`   // one for all channels, or one for each; 1 unless given
	Fit   string    `toml:"fit"`   // how pictures of other sizes become images: stretch, crop (the middle) or letterbox (all of it, the rest filled); refused unless given
	Side  int       `toml:"side"`  // shorter side in pixels before a crop; the crop's own unless given
	Fill  int       `toml:"fill"`  // pixel value around a letterbox
	Seat  string    `toml:"seat"`  // of the picture in a letterbox: middle, or corner at the top left
	Scan  string    `toml:"scan"`  // how pictures are scaled: bilinear of four neighbours, area of all that is covered, or nearest
	Order string    `toml:"order"` // of the channels that the model reads: rgb or bgr
}

// orders are those of channels.
var orders = []string{"rgb", "bgr"}

func (in *input) rule() dataset.Fit {
	return dataset.Fit{Rule: in.Fit, Side: in.Side, Fill: uint8(in.Fill), Seat: in.Seat, Scan: in.Scan, BGR: in.Order == "bgr"}
}

// check holds the words against what they may be.
func (in *input) check(doc *strict.File) (errs []error) {
	for _, one := range []struct {
		key, value string
		words      []string
	}{{"fit", in.Fit, dataset.Rules}, {"seat", in.Seat, dataset.Seats}, {"scan", in.Scan, dataset.Scans}, {"order", in.Order, orders}} {
		if one.value != "" && !slices.Contains(one.words, one.value) {
			errs = append(errs, doc.Error("input", 0, one.key, "must be %s", strings.Join(one.words, ", ")))
		}
	}
	if in.Fill < 0 || in.Fill > 255 {
		errs = append(errs, doc.Error("input", 0, "fill", "must be 0 to 255"))
	}
	if in.Side < 0 || in.Side > mostSide {
		errs = append(errs, doc.Error("input", 0, "side", "must be 1 to %d", mostSide))
	}
	return errs
}

// mostSide bounds a picture that is scaled before a crop.
const mostSide = 1 << 13
