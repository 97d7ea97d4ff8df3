package arch

import (
	"strconv"
	"strings"
	"unicode"
)

// position tells where a value was set: at a line and column of a file, or by a
// --set flag. Layer counts the files that came before: bases first, flags last.
type position struct {
	file      string
	line, col int
	set       string // "key=value" as given on the command line
	layer     int
}

func (p position) String() string {
	switch {
	case p.set != "":
		return "--set " + printable(p.set)
	case p.line == 0:
		return p.file
	}
	return p.file + ":" + strconv.Itoa(p.line) + ":" + strconv.Itoa(p.col)
}

// printable keeps a message on one line, whatever was typed.
func printable(text string) string {
	if strings.ContainsFunc(text, unicode.IsControl) {
		return strconv.Quote(text)
	}
	return text
}

// lineOnly returns the position without its column.
func (p position) lineOnly() string {
	if p.set != "" || p.line == 0 {
		return p.String()
	}
	return p.file + ":" + strconv.Itoa(p.line)
}

// source is the provenance of a value that was given without one.
func (p position) source() string {
	if p.set != "" {
		return "set on the command line"
	}
	return "set in " + p.file
}
