package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The most that an error shows: lines, and bytes of one.
const (
	mostLines = 20
	longLine  = 2000
)

// complain prints every line of err with the program's name; of very many, the first
// and how many more there are. Characters that a terminal obeys are printed as escapes.
func complain(w io.Writer, err error) {
	lines := strings.Split(err.Error(), "\n")
	for i, line := range lines {
		if rest := len(lines) - i; i >= mostLines && rest > 1 {
			fmt.Fprintf(w, "bitcycle: and %d more lines\n", rest)
			return
		}
		fmt.Fprintf(w, "bitcycle: %s\n", visible(line))
	}
}

// warn prints what is not as it may seem of a file or a data set, nothing for "".
func (s *session) warn(of, note string) {
	if note != "" && !s.Quiet {
		fmt.Fprintf(s.stderr, "bitcycle: warning: %s: %s\n", visible(of), visible(note))
	}
}

func visible(line string) string {
	if len(line) > longLine {
		line = strings.ToValidUTF8(line[:longLine], "") + "…"
	}
	var b strings.Builder
	for len(line) > 0 {
		r, size := utf8.DecodeRuneInString(line)
		if unicode.IsControl(r) && r != '\t' || r == utf8.RuneError && size == 1 {
			text := strconv.Quote(line[:size])
			b.WriteString(text[1 : len(text)-1])
		} else {
			b.WriteString(line[:size])
		}
		line = line[size:]
	}
	return b.String()
}
