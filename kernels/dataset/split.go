package dataset

import (
	"fmt"
	"hash/maphash"
	"strings"
)

// calibrating are kinds whose sets may have a part to calibrate on, and what makes its
// name of the path's.
var calibrating = map[string]func(rest string) string{
	"glyphs":  func(string) string { return "glyphs:calib" },
	"lines":   func(string) string { return "lines:calib" },
	"mnist":   func(rest string) string { return "mnist:" + strings.TrimSuffix(rest, ":test") + ":train" },
	"fashion": func(rest string) string { return "fashion:" + strings.TrimSuffix(rest, ":test") + ":train" },
	"npy":     func(rest string) string { return "npy:" + strings.TrimSuffix(rest, ":test") + ":train" },
	"boxes":   func(rest string) string { return "boxes:" + rest + ":train" },
}

// CalibrationPart names the part of a set that is there to calibrate on: glyphs:calib,
// DIR:train of mnist, fashion and boxes, the arrays _train of an archive; "" where the
// kind has none. Whether the part exists is for Load to say.
func CalibrationPart(set string) string {
	base, _, err := cutSpan(set)
	if err != nil || len(parts(set)) > 1 {
		return ""
	}
	kind, rest, _ := strings.Cut(base, ":")
	of := calibrating[kind]
	if of == nil || kind == "npy" && !strings.Contains(strings.ToLower(rest), ".npz") || strings.HasSuffix(rest, ":train") || rest == "calib" {
		return ""
	}
	return of(rest)
}

// HoldOut takes the last fifth of a set's images, at most so many, to calibrate on, and
// leaves the others to measure on; a single image serves for both. The names of the parts
// say which images they are.
func (im *Images) HoldOut(most int) (data, calib *Images) {
	n := min(max(im.N/5, 1), most)
	if im.N < 2 {
		return im, im
	}
	at := im.N - n
	data, calib = im.Slice(0, at), im.Slice(at, im.N)
	base, r, err := cutSpan(im.Name)
	if err != nil || len(parts(im.Name)) > 1 {
		calib.Name = fmt.Sprintf("the last %d images of %s", n, im.Name)
		return data, calib
	}
	data.Name, calib.Name = fmt.Sprintf("%s[%d:%d]", base, r.lo, r.lo+at), fmt.Sprintf("%s[%d:%d]", base, r.lo+at, r.lo+im.N)
	return data, calib
}

// Shared counts the images of a set that are in another one too, value by value.
func (im *Images) Shared(other *Images) int {
	seed := maphash.MakeSeed()
	known := map[uint64]bool{}
	for i := range other.N {
		known[other.hash(seed, i)] = true
	}
	n := 0
	for i := range im.N {
		if known[im.hash(seed, i)] {
			n++
		}
	}
	return n
}

// hash is a number that equal images share.
func (im *Images) hash(seed maphash.Seed, i int) uint64 {
	if im.Pixels != nil {
		return maphash.Bytes(seed, im.Pixels[i*im.Size():][:im.Size()])
	}
	var h maphash.Hash
	h.SetSeed(seed)
	for _, v := range im.Values[i*im.Size():][:im.Size()] {
		maphash.WriteComparable(&h, v)
	}
	return h.Sum64()
}
