package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// magic begins every .npy file.
const magic = "\x93NUMPY"

// Bounds of what a header may say; NumPy's own are 32 (64) dimensions and, unless
// told otherwise, 10 000 bytes.
const (
	maxHeader = 1 << 16
	maxRank   = 64
)

// header is what stands before the elements.
type header struct {
	kind    kind
	big     bool // byte order
	fortran bool
	shape   []int
}

// readHeader reads the header of version 1, 2 or 3 (NumPy Enhancement Proposal 1): the magic
// bytes, the version, the length of a dictionary in Python's notation, the dictionary.
func readHeader(r io.Reader) (*header, error) {
	var start [12]byte
	if _, err := io.ReadFull(r, start[:10]); err != nil || string(start[:6]) != magic {
		return nil, cut(err, "not an npy file")
	}
	length := int(binary.LittleEndian.Uint16(start[8:]))
	switch version := start[6]; version {
	case 1:
	case 2, 3:
		if _, err := io.ReadFull(r, start[10:]); err != nil {
			return nil, cut(err, "an npy file that ends in its header")
		}
		length = int(binary.LittleEndian.Uint32(start[8:]))
	default:
		return nil, fmt.Errorf("npy version %d: versions 1 to 3 are read", version)
	}
	if length > maxHeader {
		return nil, fmt.Errorf("an npy header of %d bytes: at most %d are read", length, maxHeader)
	}
	text := make([]byte, length)
	if _, err := io.ReadFull(r, text); err != nil {
		return nil, cut(err, "an npy file that ends in its header")
	}
	h, err := parseHeader(string(text))
	if err != nil {
		return nil, fmt.Errorf("npy header: %w", err)
	}
	return h, nil
}

// cut puts the end of a file in words; other errors stay.
func cut(err error, words string) error {
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New(words)
	}
	return err
}

// parseHeader reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
func parseHeader(text string) (*header, error) {
	p := parser{rest: text}
	h := &header{}
	seen := map[string]bool{}
	p.want("{")
	for p.err == nil && !p.next("}") {
		key := p.text()
		p.want(":")
		if seen[key] {
			p.fail("key %q twice", key)
		}
		seen[key] = true
		switch key {
		case "descr":
			h.setType(&p)
		case "fortran_order":
			h.fortran = p.truth()
		case "shape":
			h.shape = p.tuple()
		default:
			p.fail("no key %q: want descr, fortran_order and shape", key)
		}
		if !p.next(",") && !strings.HasPrefix(p.rest, "}") {
			p.fail("want a comma, have %.20q", p.rest)
		}
	}
	if p.err == nil && (p.rest != "" || len(seen) != 3) {
		p.fail("want {'descr': …, 'fortran_order': …, 'shape': …}")
	}
	return h, p.err
}

// setType reads the element type: byte order, kind and width, "<f4".
func (h *header) setType(p *parser) {
	if strings.HasPrefix(p.rest, "[") {
		p.fail("elements with fields: want numbers")
		return
	}
	descr := p.text()
	name := strings.TrimLeft(descr, "<>|=")
	k, ok := kinds[name]
	if !ok || len(descr)-len(name) > 1 {
		p.fail("elements of type %q: want integers, floats or truth values (u1 u2 u4 u8 i1 i2 i4 i8 f2 f4 f8 b1)", descr)
	}
	h.kind, h.big = k, strings.HasPrefix(descr, ">")
}

// count returns the number of elements.
func (h *header) count() (int, error) {
	n := 1
	for _, d := range h.shape {
		if d > 0 && n > math.MaxInt/8/d {
			return 0, fmt.Errorf("shape %v: more elements than there can be", h.shape)
		}
		n *= d
	}
	return n, nil
}

// parser reads the literals of Python that headers are made of. Its first error stays.
type parser struct {
	rest string
	err  error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
	p.rest = ""
}

// next skips a token, if it is the next.
func (p *parser) next(token string) bool {
	p.rest = strings.TrimLeft(p.rest, " \t\r\n")
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = strings.TrimLeft(rest, " \t\r\n\x00")
	}
	return ok
}

func (p *parser) want(token string) {
	if !p.next(token) {
		p.fail("want %q, have %.20q", token, p.rest)
	}
}

// text reads a string in either quotes, without escapes.
func (p *parser) text() string {
	for _, quote := range []string{"'", `"`} {
		if p.next(quote) {
			text, rest, ok := strings.Cut(p.rest, quote)
			if !ok || strings.Contains(text, `\`) {
				p.fail("want a plain text, have %.20q", text)
				return ""
			}
			p.rest = rest
			p.next("")
			return text
		}
	}
	p.fail("want a text in quotes, have %.20q", p.rest)
	return ""
}

func (p *parser) truth() bool {
	if p.next("True") {
		return true
	}
	p.want("False")
	return false
}

// tuple reads (3, 4), (3,) or (); Python 2 wrote (3L,).
func (p *parser) tuple() []int {
	list := []int{}
	p.want("(")
	for p.err == nil && !p.next(")") {
		end := 0
		for end < len(p.rest) && p.rest[end] >= '0' && p.rest[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(p.rest[:end])
		if err != nil || len(list) == maxRank {
			p.fail("want a shape of at most %d whole numbers, have %.20q", maxRank, p.rest)
			return nil
		}
		list = append(list, n)
		p.rest = p.rest[end:]
		p.next("L")
		if !p.next(",") && !strings.HasPrefix(p.rest, ")") {
			p.fail("want a comma, have %.20q", p.rest)
		}
	}
	return list
}
