package files

import (
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// What may be read at all is a property of the process, set once before anything is read.
var (
	memory atomic.Int64             // the most that inputs may claim; 0 until it is asked for
	raised [len(kinds)]atomic.Int64 // limits of kinds that somebody changed
)

// kinds are those whose limits can be changed, by their flags.
var kinds = [...]Kind{Description, Document, Table, Data}

// most is the limit of the kind now.
func (k Kind) most() int64 {
	if i := slices.IndexFunc(kinds[:], func(o Kind) bool { return o.Flag == k.Flag }); i >= 0 {
		if most := raised[i].Load(); most > 0 {
			return most
		}
	}
	return k.Most
}

// Limit changes how large files of a kind may be: "data=8GiB", or "8GiB" for every kind
// whose limit is lower.
func Limit(text string) error {
	flag, size, one := strings.Cut(text, "=")
	if !one {
		size = text
	}
	bytes, err := ParseSize(size)
	if err != nil {
		return err
	}
	found := false
	for i, k := range kinds {
		if one && k.Flag == flag || !one && k.most() < bytes {
			raised[i].Store(bytes)
		}
		found = found || k.Flag == flag || !one
	}
	if !found {
		return fmt.Errorf("%q: must be SIZE or one of description=SIZE, document=SIZE, table=SIZE, data=SIZE", text)
	}
	return nil
}

// ParseSize reads a number of bytes: "1000000", "512MiB", "8GiB", "2GB".
func ParseSize(text string) (int64, error) {
	number := strings.TrimRight(text, "KMGTiB")
	scale, ok := map[string]float64{
		"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
		"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	}[text[len(number):]]
	v, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil || !(v*scale >= 1) || v*scale > 1<<60 {
		return 0, fmt.Errorf("%q: must be a size such as 512MiB or 8GiB", text)
	}
	return int64(v * scale), nil
}

// SetMemory bounds what inputs may claim, and has the garbage collector keep the process
// within it where it can.
func SetMemory(bytes int64) {
	memory.Store(bytes)
	debug.SetMemoryLimit(bytes)
}

// Memory is the most that inputs may claim: what SetMemory said, else half of what the
// machine has or the process may have.
func Memory() int64 {
	if bytes := memory.Load(); bytes > 0 {
		return bytes
	}
	bytes := available() / 2
	memory.CompareAndSwap(0, bytes)
	return bytes
}

// ErrMemory is why something does not fit.
var ErrMemory = errors.New("raise --max-memory to have it all the same")

// Fits reports what takes more memory than inputs may claim. It is asked before the memory
// is taken.
func Fits(what string, bytes float64) error {
	if limit := Memory(); !(bytes <= float64(limit)) {
		return fmt.Errorf("%s takes %s of memory, more than %s: %w", what, Size(int64(min(bytes, math.MaxInt64/2))), Size(limit), ErrMemory)
	}
	return nil
}
