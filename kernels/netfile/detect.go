package netfile

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// Detect is what the outputs of a detector mean, and what of them counts.
type Detect struct {
	// Head is "yolox" and "yolov3" (rows of x, y, width, height, objectness, scores of
	// classes), or "ssd" (an output of boxes, another of scores).
	Head    string    `toml:"head"`    // form of the outputs: yolox, yolov3 or ssd
	Classes int       `toml:"classes"` // that are told apart, without a background; 80 unless given
	Strides []int     `toml:"strides"` // pixels of the input from cell to cell, by grid, in the order of the rows or outputs
	Anchors []Anchors `toml:"anchors"` // width, height, width, height … in pixels of the boxes of every cell, a list for each grid; of yolov3 and ssd
	// Decoded boxes are not offsets in cells: of yolox and yolov3 centre, width and height
	// in pixels of the input, of ssd the corners as fractions of it.
	Decoded   bool      `toml:"decoded"`
	Activate  string    `toml:"activate"`  // what makes scores of the outputs: none, sigmoid or softmax; of yolox and ssd none unless given, of yolov3 sigmoid
	Variances []float64 `toml:"variances"` // factors of the offsets of centres and of sizes in ssd; 0.1 and 0.2 unless given
	Score     float64   `toml:"score"`     // boxes of lower scores are dropped; 0.001 unless given
	IoU       float64   `toml:"iou"`       // of two boxes of a class that overlap more, the lower score is dropped; 0.65 unless given
	Most      int       `toml:"most"`      // boxes of an image that are kept, the best; 300 unless given
}

// Anchors are the boxes of a cell: width, height, width, height … in pixels.
type Anchors []float64

// UnmarshalTOML reads a list of numbers.
func (a *Anchors) UnmarshalTOML(data any) error {
	list, ok := data.([]any)
	if !ok {
		return fmt.Errorf("%v: must be lists of numbers", data)
	}
	for _, item := range list {
		switch x := item.(type) {
		case int64:
			*a = append(*a, float64(x))
		case float64:
			*a = append(*a, x)
		default:
			return fmt.Errorf("%v: must be lists of numbers", data)
		}
	}
	return nil
}

// What keys of detect may say.
var (
	heads       = []string{"yolox", "yolov3", "ssd"}
	activations = []string{"none", "sigmoid", "softmax"}
)

// of checks the description and gives it to the network.
func (d *Detect) of(doc *strict.File, f *File) error {
	if !doc.Has("detect") {
		return nil
	}
	d.fill(doc)
	var errs []error
	bad := func(wrong bool, key, rule string, args ...any) {
		if wrong {
			errs = append(errs, doc.Error("detect", 0, key, rule, args...))
		}
	}
	bad(!slices.Contains(heads, d.Head), "head", "must be %s", strings.Join(heads, ", "))
	bad(!slices.Contains(activations, d.Activate), "activate", "must be %s", strings.Join(activations, ", "))
	bad(d.Classes < 1 || d.Classes > 1<<16, "classes", "must be 1 to %d", 1<<16)
	bad(!(d.Score >= 0 && d.Score < 1), "score", "must be at least 0 and below 1")
	bad(!(d.IoU > 0 && d.IoU <= 1), "iou", "must be above 0 and at most 1")
	bad(d.Most < 1 || d.Most > 1<<16, "most", "must be 1 to %d", 1<<16)
	bad(len(d.Variances) != 2 || !(d.Variances[0] > 0 && d.Variances[1] > 0), "variances", "must be two numbers above 0")
	bad(slices.ContainsFunc(d.Strides, func(s int) bool { return s < 1 || s > 1<<12 }), "strides", "must be 1 to %d", 1<<12)
	bad(len(d.Strides) == 0 && !d.Decoded, "strides", "must be given, a stride for each grid, unless boxes are decoded")
	bad(len(d.Anchors) != len(d.Strides) && d.Head != "yolox" && !d.Decoded, "anchors", "must be given for each of the %d grids", len(d.Strides))
	for _, grid := range d.Anchors {
		bad(len(grid) == 0 || len(grid)%2 > 0 || slices.ContainsFunc(grid, func(a float64) bool { return !(a > 0) }), "anchors", "must be lists of pairs of a width and a height above 0")
	}
	f.Detect = d
	return strict.Join(errs)
}

// fill sets what is not given.
func (d *Detect) fill(doc *strict.File) {
	if d.Classes == 0 {
		d.Classes = 80
	}
	if d.Activate == "" {
		d.Activate = map[bool]string{true: "sigmoid", false: "none"}[d.Head == "yolov3" && !d.Decoded]
	}
	if !doc.Has("detect.variances") {
		d.Variances = []float64{0.1, 0.2}
	}
	if !doc.Has("detect.score") {
		d.Score = 0.001
	}
	if d.IoU == 0 {
		d.IoU = 0.65
	}
	if d.Most == 0 {
		d.Most = 300
	}
}

// Text is what the outputs of a network that reads text mean: at every place the score
// of a blank and then of every sign. Equal signs that follow one another are one, and
// blanks are dropped (connectionist temporal classification, Graves et al., ICML 2006).
type Text struct {
	Signs []string // by class; the first is the blank, ""
}

// text is the TOML form.
type text struct {
	Dictionary string `toml:"dictionary"` // path of the signs in their order, one a line; the class before the first is the blank
	Space      bool   `toml:"space"`      // the class after the last sign is a space
}

// of reads the dictionary that the network file at a path names, and gives it to the network.
func (t *text) of(doc *strict.File, f *File, path string) error {
	if !doc.Has("text") {
		return nil
	}
	if t.Dictionary == "" {
		return doc.Error("text", 0, "dictionary", "the path of the signs is missing")
	}
	at, err := files.Beside(path, t.Dictionary)
	if err != nil {
		return doc.Error("text", 0, "dictionary", "%w", err)
	}
	data, err := files.Read(context.Background(), at, files.Document)
	if err != nil {
		return doc.Error("text", 0, "dictionary", "%w", err)
	}
	signs := []string{""}
	for in := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff")))); in.Scan(); {
		signs = append(signs, strings.TrimSuffix(in.Text(), "\r"))
	}
	if t.Space {
		signs = append(signs, " ")
	}
	f.Text = &Text{Signs: signs}
	return nil
}
