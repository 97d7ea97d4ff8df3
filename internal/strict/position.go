package strict

import (
	"cmp"
	"strconv"

	"bitcycle/internal/files"
)

// Position tells where a value was set: at a line and column of a file, or by a
// --set flag. Layer counts the documents below it: bases first, flags last.
type Position struct {
	File      string
	Line, Col int    // from 1; 0 = unknown
	Set       string // "key=value" as given on the command line
	Layer     int
}

func (p Position) String() string {
	if p.Set != "" || p.Line == 0 {
		return p.LineOnly()
	}
	return p.LineOnly() + ":" + strconv.Itoa(p.Col)
}

// LineOnly returns the position without its column.
func (p Position) LineOnly() string {
	switch {
	case p.Set != "":
		return "--set " + files.Printable(p.Set)
	case p.Line == 0:
		return files.Printable(p.File)
	}
	return files.Printable(p.File) + ":" + strconv.Itoa(p.Line)
}

// before orders positions by layer, line and column; what has no line comes last.
func (p Position) before(q Position) int {
	return cmp.Or(p.Layer-q.Layer, cmp.Compare(uint(p.Line-1), uint(q.Line-1)), p.Col-q.Col)
}
