package rff

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"math"
)

// Recipe says how features were drawn, so that a reader of codes can encode more
// points. The zero Recipe means unknown.
type Recipe struct {
	Kernel string // one of KernelNames, or ""
	Gamma  float64
	D      int
	Seed   uint64
}

// Features draws the m features of the recipe.
func (r Recipe) Features(m int) (*Features, error) {
	k, err := NamedKernel(r.Kernel, r.Gamma)
	if err != nil {
		return nil, err
	}
	return Draw(k, r.D, m, r.Seed), nil
}

// fileHeader begins a file of codes, see [Codes.Write].
type fileHeader struct {
	Magic    [4]byte // "BCRF"
	Version  uint16  // 1
	Size     uint16  // of this header in bytes
	Method   uint8
	Order    uint8
	Kernel   uint8 // 1 + index in KernelNames; 0 = unknown
	CodeBits uint8
	K        uint32
	Step     float64
	Base     float64
	Sparse   uint32
	Lambda   uint32
	M        uint32
	D        uint32
	N        uint64
	Gamma    float64
	Seed     uint64
}

const (
	fileVersion = 1
	maxPoints   = 1 << 40
)

var fileMagic = [4]byte{'B', 'C', 'R', 'F'}

// newSum is the checksum of a file; its table is made when it is first wanted.
func newSum() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

// Write writes the codes to w in the packed format, exactly BitsPerPoint bits for
// each point plus header and checksum, little-endian:
//
//	4     "BCRF"
//	2+2   version 1, bytes of the header (72)
//	1+1   method (1 msq, 2 stocq, 3 sd, 4 beta), order
//	1+1   kernel (0 unknown, 1 gaussian, 2 laplacian, 3 cauchy), bits of a code
//	4     K
//	8+8   step (0 = 2/(2K−1)), β (float64)
//	4×4   σ of the sparse filter, λ, features m, dimensions d
//	8     points N
//	8+8   γ (float64), seed
//	⌈N·Width·Bits/8⌉  codes: code j of point i begins at bit (i·Width+j)·Bits
//	4     CRC-32C of all bytes before
func (c *Codes) Write(w io.Writer, r Recipe) error {
	h, err := c.header(r)
	if err != nil {
		return err
	}
	sum := newSum()
	buffered := bufio.NewWriter(w)
	both := io.MultiWriter(buffered, sum)
	if err := binary.Write(both, binary.LittleEndian, h); err != nil {
		return err
	}
	packer := bitWriter{w: both}
	for i := range c.N {
		left := c.BitsPerPoint()
		for _, word := range c.row(i) {
			if err := packer.put(word, min(left, 64)); err != nil {
				return err
			}
			left -= 64
		}
	}
	if err := packer.flush(); err != nil {
		return err
	}
	if err := binary.Write(buffered, binary.LittleEndian, sum.Sum32()); err != nil {
		return err
	}
	return buffered.Flush()
}

func (c *Codes) header(r Recipe) (fileHeader, error) {
	s := c.Scheme
	h := fileHeader{
		Magic: fileMagic, Version: fileVersion,
		Method: uint8(s.Method), Order: uint8(s.Order), CodeBits: uint8(c.Bits),
		K: uint32(s.Alphabet.K), Step: s.Alphabet.Step, Base: s.Base,
		Sparse: uint32(s.Sparse), Lambda: uint32(s.Lambda), M: uint32(c.M),
		D: uint32(r.D), N: uint64(c.N), Gamma: r.Gamma, Seed: r.Seed,
	}
	h.Size = uint16(binary.Size(h))
	for i, name := range KernelNames {
		if name == r.Kernel {
			h.Kernel = uint8(i + 1)
		}
	}
	if r.Kernel != "" && h.Kernel == 0 {
		return h, fmt.Errorf("kernel = %q: files know only %v", r.Kernel, KernelNames)
	}
	return h, nil
}

// Read reads codes written by [Codes.Write]. The error says where a truncated or
// damaged file stops making sense.
func Read(r io.Reader) (*Codes, Recipe, error) {
	sum := newSum()
	buffered := bufio.NewReader(r)
	both := io.TeeReader(buffered, sum)
	c, recipe, err := readHeader(both)
	if err != nil {
		return nil, recipe, err
	}
	if err := c.readRows(both); err != nil {
		return nil, recipe, err
	}
	var want uint32
	if err := binary.Read(buffered, binary.LittleEndian, &want); err != nil {
		return nil, recipe, fmt.Errorf("the file ends before its checksum: %w", short(err))
	}
	if got := sum.Sum32(); got != want {
		return nil, recipe, fmt.Errorf("the file is damaged: checksum %08x, stored %08x", got, want)
	}
	if _, err := buffered.ReadByte(); err != io.EOF {
		return nil, recipe, errors.New("more bytes follow the checksum")
	}
	return c, recipe, nil
}

func readHeader(r io.Reader) (*Codes, Recipe, error) {
	var h fileHeader
	head := make([]byte, binary.Size(h))
	n, err := io.ReadFull(r, head)
	if n >= len(fileMagic) && !bytes.Equal(head[:len(fileMagic)], fileMagic[:]) || err == io.EOF {
		return nil, Recipe{}, fmt.Errorf("not a file of feature codes: it does not begin with %q", fileMagic)
	}
	if err != nil {
		return nil, Recipe{}, fmt.Errorf("the file ends after %d of %d bytes of its header: %w", n, len(head), short(err))
	}
	if _, err := binary.Decode(head, binary.LittleEndian, &h); err != nil {
		return nil, Recipe{}, err
	}
	if h.Version != fileVersion || int(h.Size) != len(head) {
		return nil, Recipe{}, fmt.Errorf("version %d of the format of feature codes: this program reads version %d", h.Version, fileVersion)
	}
	return h.codes()
}

// codes checks the header and returns the codes that it promises, still empty.
func (h *fileHeader) codes() (*Codes, Recipe, error) {
	s := Scheme{
		Method: Method(h.Method), Alphabet: Alphabet{K: int(h.K), Step: h.Step},
		Order: int(h.Order), Sparse: int(h.Sparse), Base: h.Base, Lambda: int(h.Lambda),
	}
	recipe := Recipe{Gamma: h.Gamma, D: int(h.D), Seed: h.Seed}
	if h.Kernel > 0 && int(h.Kernel) <= len(KernelNames) {
		recipe.Kernel = KernelNames[h.Kernel-1]
	}
	switch err := s.Validate(int(h.M)); {
	case err != nil:
		return nil, recipe, fmt.Errorf("the header is damaged: %w", err)
	case s.Method == Float:
		return nil, recipe, errors.New("the header is damaged: method = float has no codes")
	case recipe.Kernel != "" && !(h.Gamma > 0 && !math.IsInf(h.Gamma, 1)):
		return nil, recipe, fmt.Errorf("the header is damaged: γ = %v: must be finite and positive", h.Gamma)
	case h.N > maxPoints:
		return nil, recipe, fmt.Errorf("the header is damaged: %d points", h.N)
	case int(h.CodeBits) != s.codeBits():
		return nil, recipe, fmt.Errorf("the header is damaged: codes of %d bits, the scheme has %d", h.CodeBits, s.codeBits())
	}
	c := NewCodes(s, int(h.M), 0)
	c.N = int(h.N)
	return c, recipe, nil
}

// readRows reads all points, making room as they come.
func (c *Codes) readRows(r io.Reader) error {
	reader := bitReader{r: r}
	bound := uint64(c.Scheme.bound())
	for i := range c.N {
		left := c.BitsPerPoint()
		for range c.stride {
			word, err := reader.take(min(left, 64))
			if err != nil {
				return fmt.Errorf("the file ends within the codes of point %d of %d: %w", i+1, c.N, short(err))
			}
			c.words = append(c.words, word)
			left -= 64
		}
		if bound&(bound+1) == 0 { // every code of this width is possible
			continue
		}
		for j := range c.Width {
			if code := c.code(c.row(i), j); code > bound {
				return fmt.Errorf("the file is damaged: code %d of point %d is %d, above %d", j+1, i+1, code, bound)
			}
		}
	}
	return nil
}

func short(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
