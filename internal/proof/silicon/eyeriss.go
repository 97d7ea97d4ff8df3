package silicon

import (
	"errors"
	"io/fs"
	"strings"

	"bitcycle/internal/proof"
)

const (
	eyerissMasked = "Eyeriss v2 PE, masked layers"
	eyerissDense  = "Eyeriss v2 PE, depthwise taken dense"
)

// eyerissPE is one processing element of Eyeriss v2 (Chen et al., JETCAS 9(2), 2019) on a
// pruned MobileNet 0.5 of 128², as Accelergy-Project/micro22-sparseloop-artifact@de0374a
// counts it (fig. 12).
var eyerissPE = Set{
	File: "eyeriss_v2_pe.csv", Title: "Eyeriss v2's processing element",
	Includes: `Cycles of one processing element on a pruned MobileNet 0.5 of 128², by fig. 12 of Accelergy-Project/micro22-sparseloop-artifact@de0374a. They are
counts: the products of nonzero inputs and nonzero weights of each input channel, one a cycle. Nothing of the chip around the element is in them, and
no machine here runs on masks of zeros.`,
	Unexplained: "Layers without public masks have zeros that are not known: depthwise ones are taken dense, which is too many for two of seven; the others are left out.",
	Figures: []Figure{{
		Name: eyerissMasked, Kind: "count", Bar: Bar{Exact: true},
		Note: "one product a cycle: nonzero inputs × nonzero weights of each input channel; a count of the masks, no measurement, and no machine here runs on masks",
	}, {
		Name: eyerissDense, Kind: "count",
		Note: "no masks are public: every product counts, which is too many where there are zeros",
	}},
	Open: func(golden fs.FS) (Comparer, error) {
		channels, err := eyerissChannels(golden)
		if err != nil {
			return nil, err
		}
		return func(r proof.Record) ([]Reading, error) { return eyerissLayer(r, channels) }, nil
	},
}

// eyerissChannels are the products of each layer that has masks, none where their file is
// missing.
func eyerissChannels(golden fs.FS) (map[string]float64, error) {
	rows, err := Read(golden, "eyeriss_v2_pe_channels.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	products := map[string]float64{}
	for _, r := range rows {
		products[r.Text("layer")] += r.Number("nonzero_inputs") * r.Number("nonzero_weights")
		if err := r.Err(); err != nil {
			return nil, err
		}
	}
	return products, nil
}

// eyerissLayer counts a layer: by its masks, or all products of a depthwise layer without
// zeros.
func eyerissLayer(r proof.Record, channels map[string]float64) ([]Reading, error) {
	layer := r.Text("layer")
	products, masked := channels[layer]
	reading := Reading{Figure: eyerissMasked, ID: r.Text("id"), What: layer + " cycles", Unit: "cycles", Want: r.Number("cycles"), Got: products}
	switch {
	case masked:
	case r.Text("mask") == "yes":
		return nil, Skip("without the counts of its channels")
	case !strings.HasPrefix(r.Text("kind"), "dw"):
		return nil, Skip("without masks, and not depthwise")
	default:
		reading.Figure, reading.Got = eyerissDense, r.Number("dense_macs")
	}
	return []Reading{reading}, nil
}
