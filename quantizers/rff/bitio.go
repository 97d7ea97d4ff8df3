package rff

import (
	"encoding/binary"
	"io"
)

// bitWriter packs groups of bits into bytes, lowest bit first.
type bitWriter struct {
	w     io.Writer
	word  uint64 // bits not yet written
	count int    // of them
}

// put appends the lowest n ≤ 64 bits of v, whose other bits are zero.
func (b *bitWriter) put(v uint64, n int) error {
	b.word |= v << b.count
	if b.count+n < 64 {
		b.count += n
		return nil
	}
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], b.word)
	_, err := b.w.Write(bytes[:])
	b.word = v >> (64 - b.count) // 0 if count is 0: all of v is written
	b.count += n - 64
	return err
}

// flush writes the bits left, filled up to a byte.
func (b *bitWriter) flush() error {
	var bytes [8]byte
	binary.LittleEndian.PutUint64(bytes[:], b.word)
	_, err := b.w.Write(bytes[:(b.count+7)/8])
	return err
}

// bitReader undoes bitWriter. It reads no byte before it is needed.
type bitReader struct {
	r     io.Reader
	word  uint64
	count int
}

// take returns the next n ≤ 64 bits.
func (b *bitReader) take(n int) (uint64, error) {
	v, have := b.word, b.count
	if have >= n {
		b.word, b.count = v>>n, have-n
		return v & (1<<n - 1), nil
	}
	var bytes [8]byte
	need := (n - have + 7) / 8
	if _, err := io.ReadFull(b.r, bytes[:need]); err != nil {
		return 0, err
	}
	next := binary.LittleEndian.Uint64(bytes[:])
	v |= next << have
	used := n - have
	b.word, b.count = next>>used, 8*need-used
	if n < 64 {
		v &= 1<<n - 1
	}
	return v, nil
}
