package train

import (
	"fmt"
	"math/rand/v2"

	"bitcycle/kernels"
	"bitcycle/kernels/dataset"
)

// Data is a set of labelled images as a network sees them.
type Data struct {
	Images        *dataset.Images
	Normalization dataset.Normalization
	Augment       Augment
}

// Augment changes each image at random whenever it is drawn for training. The
// change depends on (seed, epoch, index of the image) alone.
type Augment struct {
	Shift int  // crop at an offset of up to Shift pixels each way; what lies outside is 0 before normalization
	Flip  bool // mirror left and right half of the time
}

// check reports whether the data fit a network, labels included if wanted. A
// network that takes vectors takes images of one channel as such.
func (d *Data) check(m *Model, labels bool) error {
	im, want := d.Images, m.Spec.Nodes[0].Shape
	s := kernels.Shape{C: im.C, H: im.H, W: im.W}
	if vector := (kernels.Shape{C: im.Size(), H: 1, W: 1}); s != want && (im.C != 1 || vector != want) {
		return fmt.Errorf("data set %s has images %v, network %s takes %v", im.Name, s, m.Spec.Name, want)
	}
	if err := d.Normalization.Check(im.C); err != nil || !labels {
		return err
	}
	if im.Labels == nil {
		return fmt.Errorf("data set %s has no labels", im.Name)
	}
	for i, l := range im.Labels {
		if l < 0 || l >= m.Classes() {
			return fmt.Errorf("data set %s: image %d has label %d, network %s has %d classes", im.Name, i, l, m.Spec.Name, m.Classes())
		}
	}
	return nil
}

// loader fills the input of a model with images.
type loader struct {
	data    *Data
	input   *value
	index   []int  // images of the batch
	augment bool   //
	seed    uint64 // of the augmentation
	epoch   int
}

// chunk loads the images [lo, hi) of the batch.
func (l *loader) chunk(_ stage, w *worker, _, lo, hi int) {
	for i := lo; i < hi; i++ {
		dst := l.input.images(i, i+1)
		if !l.augment || l.data.Augment == (Augment{}) {
			l.data.Images.HWC(dst, l.index[i], l.data.Normalization)
			continue
		}
		plain := w.floats(len(dst))
		l.data.Images.HWC(plain, l.index[i], l.data.Normalization)
		w.pcg.Seed(l.seed^0x9e3779b97f4a7c15*uint64(l.epoch+1), uint64(l.index[i]))
		l.distort(dst, plain, w.random)
	}
}

// distort crops and flips the image src.
func (l *loader) distort(dst, src []float32, r *rand.Rand) {
	im, a := l.data.Images, l.data.Augment
	dy, dx := r.IntN(2*a.Shift+1)-a.Shift, r.IntN(2*a.Shift+1)-a.Shift
	flip := a.Flip && r.IntN(2) == 1
	for y := range im.H {
		for x := range im.W {
			fx := x
			if flip {
				fx = im.W - 1 - x
			}
			at, from := (y*im.W+x)*im.C, ((y+dy)*im.W+fx+dx)*im.C
			if uint(y+dy) < uint(im.H) && uint(fx+dx) < uint(im.W) {
				copy(dst[at:at+im.C], src[from:])
				continue
			}
			for c := range im.C {
				dst[at+c] = l.data.Normalization.Apply(0, c)
			}
		}
	}
}

// shuffled returns a permutation of 0..n−1 that depends on seed and epoch.
func shuffled(n int, seed uint64, epoch int) []int {
	return rand.New(rand.NewPCG(seed, uint64(epoch))).Perm(n)
}
