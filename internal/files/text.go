package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine bounds a line of text.
const maxLine = 64 << 20

// Text reads a table in text form: without the byte order mark that some programs put
// first, and refusing what no text holds, NUL bytes and endless lines.
func Text(r io.Reader) io.Reader { return &text{r: r, line: 1} }

type text struct {
	r       io.Reader
	started bool
	line    int
	length  int // of the line so far
	bad     error
}

func (t *text) Read(p []byte) (int, error) {
	if !t.started {
		t.started = true
		t.bad = t.skipMark()
	}
	if t.bad != nil { // it stays: who peeks may pass over an error
		return 0, t.bad
	}
	n, err := t.r.Read(p)
	if t.bad = t.check(p[:n]); t.bad != nil {
		return 0, t.bad
	}
	return n, err
}

func (t *text) check(part []byte) error {
	if at := bytes.IndexByte(part, 0); at >= 0 {
		return fmt.Errorf("line %d: a NUL byte: want text", t.line+bytes.Count(part[:at], []byte("\n")))
	}
	if last := bytes.LastIndexByte(part, '\n'); last >= 0 {
		t.line += bytes.Count(part, []byte("\n"))
		t.length = len(part) - last - 1
	} else if t.length += len(part); t.length > maxLine {
		return fmt.Errorf("line %d: longer than %s", t.line, Size(maxLine))
	}
	return nil
}

// skipMark drops a byte order mark.
func (t *text) skipMark() error {
	head := make([]byte, 3)
	n, err := io.ReadFull(t.r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	head = bytes.TrimPrefix(head[:n], []byte("\ufeff"))
	t.r = io.MultiReader(bytes.NewReader(head), t.r)
	return nil
}
