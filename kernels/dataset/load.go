package dataset

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// loaders is the table of set kinds. Each gets what follows "kind:", the range asked
// for, which it may use to load less, and what the network wants.
var loaders = map[string]func(ctx context.Context, rest string, r span, w Want) (*Images, error){
	"glyphs":  loadGlyphs,
	"cifar10": loadCIFAR10,
	"mnist":   loadMNIST,
	"fashion": loadFashion,
	"images":  loadFolder,
	"npy":     loadNPY,
	"kws":     loadKWS,
	"boxes":   loadBoxes,
	"tokens":  loadTokens,
	"text":    loadText,
	"lines":   loadLines,
}

// Kind is a form of set names that Load understands.
type Kind struct{ Form, About string }

// List tells of every form.
func List() []Kind {
	return []Kind{
		{"glyphs", "shipped: 32×32 grey renderings of the Go fonts, 20 classes; test split of 2000, or glyphs:train (20 000) and glyphs:calib (1000)"},
		{"lines", "shipped: 200 lines of words and numbers in the Go fonts, 48×320 unless the network reads another size, and what they read; lines:calib has 64 others"},
		{"cifar10:FILE", "CIFAR-10 binary records, plain or gzipped"},
		{"mnist:DIR", "IDX files, test split, or mnist:DIR:train; calibration is on train unless said"},
		{"fashion:DIR", "the same for Fashion-MNIST"},
		{"images:DIR", "PNG and JPEG pictures in DIR/images, labels in DIR/labels.csv with columns file and label; without the table all pictures, outputs held against the float network's"},
		{"npy:FILE", "NumPy array [N H W C] of any type, npy:FILE:nchw where channels come first; classes in FILE without .npy + .labels.npy, numbers of a regression in .targets.npy; an .npz archive with x and y, npy:FILE.npz:train and :test"},
		{"boxes:DIR", "pictures in DIR/images, boxes in DIR/labels (YOLO texts) or a JSON file (COCO); boxes:DIR:SPLIT where these have folders, val or test unless said, calibration on train"},
		{"tokens:FILE", "numbers of a text's tokens, .npy or between spaces, in windows as long as the network takes; shipped for 512-token TinyStories models: tokens:stories-page and tokens:stories-sampled"},
		{"text:DIR", "pictures of lines in DIR/images, what they read in DIR/labels.csv with columns file and text"},
		{"kws:DIR", "MLPerf Tiny keyword features, int8 [N][49][10]"},
	}
}

// Kinds lists the forms of set names that Load understands.
func Kinds() []string {
	var forms []string
	for _, k := range List() {
		forms = append(forms, k.Form)
	}
	return forms
}

// Load reads the set that the name describes; see the package comment for the
// names. Errors name the set, the file, and the line or record at fault.
func Load(set string) (*Images, error) { return LoadContext(context.Background(), set) }

// LoadContext is Load until the context ends.
func LoadContext(ctx context.Context, set string) (*Images, error) {
	return LoadFor(ctx, set, Want{})
}

// LoadFor is Load for a network that wants pictures of a kind.
func LoadFor(ctx context.Context, set string, want Want) (*Images, error) {
	var sets []*Images
	for _, part := range parts(set) {
		im, err := loadOne(ctx, part, want)
		if err != nil {
			return nil, err
		}
		sets = append(sets, im)
	}
	im, err := join(sets)
	if err != nil {
		return nil, fmt.Errorf("data set %q: %w", set, err)
	}
	im.Name = set
	return im, nil
}

// loadOne reads a set that is not joined from others.
func loadOne(ctx context.Context, set string, want Want) (*Images, error) {
	base, r, err := cutSpan(set)
	if err != nil {
		return nil, err
	}
	kind, rest, _ := strings.Cut(base, ":")
	load, ok := loaders[kind]
	if !ok {
		return nil, fmt.Errorf("data set %q: no kind %q%s (one of %s)", set, kind, meant(kind), strings.Join(Kinds(), ", "))
	}
	if rest == "" && kind != "glyphs" && kind != "lines" {
		return nil, fmt.Errorf("data set %q: want %s:PATH", set, kind)
	}
	im, err := load(ctx, rest, r, want)
	if err != nil {
		return nil, fmt.Errorf("data set %q: %w", set, err)
	}
	im.Name = set
	return im, nil
}

// meant is the kind that was meant, in words; "" if none is close.
func meant(kind string) string {
	if guess := strict.Guess(kind, slices.Sorted(maps.Keys(loaders))); guess != "" {
		return fmt.Sprintf(", did you mean %q?", guess)
	}
	return ""
}

// span is a range [lo, hi) of images; hi < 0 means to the end.
type span struct{ lo, hi int }

var whole = span{0, -1}

// cutSpan splits a range suffix "[lo:hi]" off the name of a set.
func cutSpan(set string) (base string, r span, err error) {
	open := strings.LastIndexByte(set, '[')
	if open < 0 || !strings.HasSuffix(set, "]") {
		return set, whole, nil
	}
	bad := fmt.Errorf("data set %q: range must be [from:to], [from:] or [:to] with 0 ≤ from < to", set)
	from, to, ok := strings.Cut(set[open+1:len(set)-1], ":")
	if !ok {
		return "", whole, bad
	}
	r = whole
	if from != "" {
		if r.lo, err = strconv.Atoi(from); err != nil {
			return "", whole, bad
		}
	}
	if to != "" {
		if r.hi, err = strconv.Atoi(to); err != nil || r.hi <= r.lo {
			return "", whole, bad
		}
	}
	if r.lo < 0 {
		return "", whole, bad
	}
	return set[:open], r, nil
}

// within resolves the range against a set of n images.
func (r span) within(n int) (lo, hi int, err error) {
	if r.hi < 0 {
		r.hi = n
	}
	if r.hi > n || r.lo >= r.hi {
		return 0, 0, fmt.Errorf("range [%d:%d] of a set of %d images", r.lo, r.hi, n)
	}
	return r.lo, r.hi, nil
}

// cut returns the images of the range.
func (im *Images) cut(r span) (*Images, error) {
	lo, hi, err := r.within(im.N)
	if err != nil {
		return nil, err
	}
	return im.Slice(lo, hi), nil
}

// Resolve returns the path, or the path under $BITCYCLE_DATA if only that exists.
func Resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return path
	}
	under := filepath.Join(os.Getenv("BITCYCLE_DATA"), path)
	if _, err := os.Stat(under); os.Getenv("BITCYCLE_DATA") != "" && err == nil {
		return under
	}
	return path
}

// readFile returns the content of a file, unpacked if it is gzipped.
func readFile(ctx context.Context, path string) ([]byte, error) {
	return files.ReadPacked(ctx, path, files.Data)
}
