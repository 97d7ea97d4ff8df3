package lplr

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
)

// Stored is a matrix in an artifact: the sum of its products approximates it.
type Stored struct {
	Name   string
	Rounds []*Factors // one product unless the factorization was iterated
	Error  float64    // ‖A − ΣLR‖_F/‖A‖_F; codes alone do not tell whether A was finite
}

// magic begins an artifact, first those of before errors were stored.
const (
	magic = "bitcycle lplr 2\n"
	first = "bitcycle lplr 1\n"
)

// maxEntries bounds the size of a factor that a file may claim.
const maxEntries = 1 << 31

// Write stores factorized matrices:
//
//	offset  bytes  content
//	0       16     "bitcycle lplr 2\n"
//	16      4      number of matrices
//	then for every matrix
//	        2+n    length of its name, the name (UTF-8)
//	        8      relative error of the products (float64), finite and at least 0
//	        4      number of products (rounds; 1 unless iterated)
//	and for every product L, then R:
//	        4+4    rows, columns
//	        4      bits per code
//	        8+8    lo, hi (float64)
//	        ⌈rows·cols·bits/8⌉  codes, packed from the least significant bit
//	last    4      CRC-32 (IEEE) of all bytes before it
//
// All integers are little-endian.
func Write(w io.Writer, matrices []Stored) error {
	sum := crc32.NewIEEE()
	out := bufio.NewWriter(io.MultiWriter(w, sum))
	if _, err := out.WriteString(magic); err != nil {
		return err
	}
	if err := binary.Write(out, binary.LittleEndian, uint32(len(matrices))); err != nil {
		return err
	}
	for i := range matrices {
		if err := matrices[i].write(out); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, sum.Sum32())
}

func (s *Stored) write(w io.Writer) error {
	name := []byte(s.Name)
	if len(name) > math.MaxUint16 {
		return fmt.Errorf("matrix name of %d bytes: must be at most %d", len(name), math.MaxUint16)
	}
	for _, v := range []any{uint16(len(name)), name, s.Error, uint32(len(s.Rounds))} {
		if err := binary.Write(w, binary.LittleEndian, v); err != nil {
			return err
		}
	}
	for _, p := range s.Rounds {
		for _, f := range []*Factor{p.L, p.R} {
			if err := f.write(w); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *Factor) write(w io.Writer) error {
	for _, v := range []any{uint32(f.Rows), uint32(f.Cols), uint32(f.Bits), f.Lo, f.Hi} {
		if err := binary.Write(w, binary.LittleEndian, v); err != nil {
			return err
		}
	}
	_, err := w.Write(pack(f.Codes, f.Bits))
	return err
}

// Read loads what Write stored, exactly. Truncated, damaged or foreign files
// are errors.
func Read(r io.Reader) ([]Stored, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	switch {
	case bytes.HasPrefix(data, []byte(first)):
		return nil, errors.New("lplr file of version 1, which may hold what was made of no numbers and does not tell: compress the matrix again")
	case !bytes.HasPrefix(data, []byte(magic)):
		return nil, errors.New("not a bitcycle lplr file (version 2)")
	}
	if len(data) < len(magic)+8 {
		return nil, errors.New("lplr file is truncated")
	}
	body, tail := data[:len(data)-4], data[len(data)-4:]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(tail) {
		return nil, errors.New("lplr file is truncated or damaged: its checksum does not match")
	}
	in := bytes.NewReader(body[len(magic):])
	var count uint32
	if err := binary.Read(in, binary.LittleEndian, &count); err != nil {
		return nil, err
	}
	var matrices []Stored
	for range count {
		m, err := readStored(in)
		if err != nil {
			return nil, err
		}
		matrices = append(matrices, m)
	}
	if in.Len() > 0 {
		return nil, fmt.Errorf("lplr file: %d bytes too many", in.Len())
	}
	return matrices, nil
}

func readStored(in *bytes.Reader) (Stored, error) {
	var length uint16
	if err := binary.Read(in, binary.LittleEndian, &length); err != nil {
		return Stored{}, fmt.Errorf("lplr file is truncated: %w", err)
	}
	name := make([]byte, length)
	if _, err := io.ReadFull(in, name); err != nil {
		return Stored{}, fmt.Errorf("lplr file is truncated: %w", err)
	}
	var head struct {
		Error  float64
		Rounds uint32
	}
	if err := binary.Read(in, binary.LittleEndian, &head); err != nil {
		return Stored{}, fmt.Errorf("lplr file is truncated: %w", err)
	}
	if !(head.Error >= 0) || math.IsInf(head.Error, 0) {
		return Stored{}, fmt.Errorf("lplr file: %q: relative error %v: must be a finite number of at least 0", name, head.Error)
	}
	m := Stored{Name: string(name), Error: head.Error}
	for range head.Rounds {
		p, err := readProduct(in)
		if err != nil {
			return Stored{}, err
		}
		m.Rounds = append(m.Rounds, p)
	}
	return m, nil
}

func readProduct(in *bytes.Reader) (*Factors, error) {
	l, err := readFactor(in)
	if err != nil {
		return nil, err
	}
	r, err := readFactor(in)
	if err != nil {
		return nil, err
	}
	if l.Cols != r.Rows {
		return nil, fmt.Errorf("lplr file: factors %d×%d and %d×%d do not multiply", l.Rows, l.Cols, r.Rows, r.Cols)
	}
	return &Factors{L: l, R: r}, nil
}

func readFactor(in *bytes.Reader) (*Factor, error) {
	var head struct {
		Rows, Cols, Bits uint32
		Lo, Hi           float64
	}
	if err := binary.Read(in, binary.LittleEndian, &head); err != nil {
		return nil, fmt.Errorf("lplr file is truncated: %w", err)
	}
	entries := uint64(head.Rows) * uint64(head.Cols)
	switch {
	case head.Bits < 1 || head.Bits > MaxBits:
		return nil, fmt.Errorf("lplr file: bits = %d: must be 1 to %d", head.Bits, MaxBits)
	case entries == 0 || entries > maxEntries || (entries*uint64(head.Bits)+7)/8 > uint64(in.Len()):
		return nil, fmt.Errorf("lplr file: a %d×%d factor of %d bits does not fit the file", head.Rows, head.Cols, head.Bits)
	case !(head.Lo <= head.Hi) || math.IsInf(head.Hi-head.Lo, 0):
		return nil, fmt.Errorf("lplr file: range [%v, %v]: must be finite and not empty", head.Lo, head.Hi)
	}
	f := &Factor{Rows: int(head.Rows), Cols: int(head.Cols), Bits: int(head.Bits), Lo: head.Lo, Hi: head.Hi}
	packed := make([]byte, (entries*uint64(head.Bits)+7)/8)
	if _, err := io.ReadFull(in, packed); err != nil {
		return nil, err
	}
	f.Codes = unpack(packed, f.Bits, int(entries))
	return f, nil
}
