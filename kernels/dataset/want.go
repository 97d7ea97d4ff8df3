package dataset

// Want is what a network asks of pictures. The zero value takes them as they are.
type Want struct {
	C, H, W int // of its images; 0 = as the pictures are
	Fit     Fit // how pictures of other sizes become such
}

// Fit is the rule by which pictures become images of a network's size. The zero value
// refuses pictures of another size.
type Fit struct {
	// Rule is "stretch", "crop" (the shorter side to Side, then the middle) or
	// "letterbox" (all of the picture fits, the rest is filled); "" is none.
	Rule string
	Side int    // shorter side before a crop; 0 = the crop's own
	Fill uint8  // around a letterbox
	Seat string // of the picture in a letterbox: "middle" ("" too) or "corner", at the top left
	Scan string // "bilinear" ("" too) of four neighbours, "area" of all that is covered, "nearest"
	BGR  bool   // channels are blue, green, red
}

// What the fields of a [Fit] may say.
var (
	Rules = []string{"stretch", "crop", "letterbox"}
	Seats = []string{"middle", "corner"}
	Scans = []string{"bilinear", "area", "nearest"}
)

// Place is where a picture lies in its image: x of the picture is at Scale[0]·x +
// Shift[0] of the image, y at Scale[1]·y + Shift[1].
type Place struct {
	Scale, Shift [2]float64
	Size         [2]int // width and height of the picture
}

// placed returns the size that a picture of w×h is scaled to, and where it then lies
// in an image of the size that is wanted; what lies outside is cut off.
func (want *Want) placed(w, h int) (sw, sh int, p Place) {
	f := &want.Fit
	sw, sh = want.W, want.H
	switch f.Rule {
	case "crop":
		side := f.Side
		if side == 0 { // the crop is as large as it can be
			scale := max(float64(want.W)/float64(w), float64(want.H)/float64(h))
			sw, sh = round(float64(w)*scale), round(float64(h)*scale)
		} else if w < h {
			sw, sh = side, round(float64(h)*float64(side)/float64(w))
		} else {
			sw, sh = round(float64(w)*float64(side)/float64(h)), side
		}
	case "letterbox":
		scale := min(float64(want.W)/float64(w), float64(want.H)/float64(h))
		sw, sh = max(int(float64(w)*scale), 1), max(int(float64(h)*scale), 1)
	}
	p.Size = [2]int{w, h}
	p.Scale = [2]float64{float64(sw) / float64(w), float64(sh) / float64(h)}
	if f.Rule == "crop" || f.Rule == "letterbox" && f.Seat != "corner" {
		p.Shift = [2]float64{float64(floorHalf(want.W - sw)), float64(floorHalf(want.H - sh))}
	}
	return sw, sh, p
}

func round(x float64) int { return max(int(x+0.5), 1) }

// floorHalf is ⌊x/2⌋.
func floorHalf(x int) int { return x >> 1 }
