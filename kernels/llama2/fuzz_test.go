package llama2

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// header is that of a checkpoint.
func header(numbers ...int32) []byte {
	var b []byte
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	return b
}

// FuzzCheckpoint reads checkpoints and builds the network of a few tokens.
func FuzzCheckpoint(f *testing.F) {
	tiny := Config{Dim: 4, Hidden: 4, Layers: 1, Heads: 2, KVHeads: 1, Vocab: 3, Sequence: 4, Shared: true}
	head := header(4, 4, 1, 2, 1, 3, 4)
	f.Add(append(bytes.Clone(head), make([]byte, 4*tiny.numbers())...))
	f.Add(head)
	f.Add(header(1<<30, 1<<30, 1<<30, 2, 1, 1<<30, 1<<30))
	f.Add(header(-1, 0, 1, 0, 0, -3, 0))
	f.Add(append(bytes.Clone(head), bytes.Repeat([]byte{0, 0, 0xc0, 0x7f}, int(tiny.numbers()))...)) // no numbers
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if net, err := c.Network(min(c.Sequence, 3)); err == nil && net.InferShapes() != nil {
			t.Errorf("shapes of %+v", c.Config)
		}
	})
}

// FuzzTokenizer reads words and divides a text by them.
func FuzzTokenizer(f *testing.F) {
	one := append(header(4, 0, 1), 'a')
	f.Add(one, 1)
	f.Add(append(header(4, 0, 1), append([]byte{97}, header(0x7fc00000, 0)...)...), 2)
	f.Add(append(header(4, 0, 1), append([]byte{97}, header(0, 0)...)...), 2)
	f.Add(header(4, 0, 1<<30), 1)
	f.Add(header(-1, 0, -1), 1)
	f.Add(one, 1<<30)
	f.Fuzz(func(t *testing.T, data []byte, vocab int) {
		if tokens, err := ReadTokenizer(bytes.NewReader(data), vocab); err == nil {
			tokens.Decode(tokens.Encode("a b\xff"))
		}
	})
}
