package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"unicode"
)

// Kind is what a file holds and the most bytes that one may have, unpacked.
type Kind struct {
	Name string
	Flag string // in the flag that changes the limit
	Most int64
}

// The kinds of files that are read.
var (
	// Description is one machine, front end or memory part.
	Description = Kind{"a description", "description", 1 << 20}
	// Document is text that grows with a network: widths, workloads, labels, records.
	Document = Kind{"a document", "document", 16 << 20}
	// Table is numbers in text form.
	Table = Kind{"a table", "table", 1 << 30}
	// Data is numbers: images, matrices, weights, checkpoints.
	Data = Kind{"a data file", "data", 4 << 30}
)

// maxRatio is how many times its size a packed file may unpack to, and maxSoFar how many
// times what has been read of it, once that is more than freeBytes: the best that deflate
// can do, 1032 times, is what a decompression bomb does. Real data, sparse tables
// included, stay below.
const (
	maxRatio  = 250
	maxSoFar  = 600
	freeBytes = 4 << 20
)

// CheckRatio reports packed bytes that unpack to more than real data do.
func CheckRatio(packed, unpacked, free int64) error {
	if unpacked > free && unpacked/maxRatio >= packed {
		return bomb(packed, free)
	}
	return nil
}

func bomb(packed, free int64) error {
	return fmt.Errorf("%s that unpack to more than %s and hundreds of times as much: a decompression bomb is not read", Size(packed), Size(free))
}

// Size writes a number of bytes for people.
func Size(bytes int64) string {
	for _, unit := range []struct {
		name  string
		shift int
	}{{"GiB", 30}, {"MiB", 20}, {"KiB", 10}} {
		if bytes >= 1<<unit.shift {
			return fmt.Sprintf("%.4g %s", float64(bytes)/float64(int64(1)<<unit.shift), unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", bytes)
}

// regular reports what is no regular file by what it is.
func regular(mode fs.FileMode) error {
	switch {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return errors.New("is a directory: want a file")
	case mode&fs.ModeNamedPipe != 0:
		return errors.New("is a pipe: want a regular file")
	case mode&fs.ModeSocket != 0:
		return errors.New("is a socket: want a regular file")
	case mode&fs.ModeDevice != 0:
		return errors.New("is a device: want a regular file")
	}
	return errors.New("is no regular file")
}

// named puts the path before an error of package os, without the operation.
func named(path string, err error) error {
	var e *fs.PathError
	if errors.As(err, &e) {
		err = e.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", Printable(path), err)
}

// Printable keeps a message on one line and the terminal as it is, whatever a name
// holds: text with control characters is quoted.
func Printable(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return strconv.Quote(text)
	}
	return text
}
