// Package llama2 reads language models as llama2.c stores them
// (github.com/karpathy/llama2.c, 2023; version 0 of its checkpoints) and their
// tokenizers, and makes networks of package kernels of them: Llama 2 (Touvron et
// al., arXiv 2307.09288, 2023) for a number of tokens.
package llama2

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"bitcycle/internal/files"
)

// Config is the header of a checkpoint.
type Config struct {
	Dim      int // length of the vector of a token
	Hidden   int // of the feed-forward layers
	Layers   int
	Heads    int // of queries
	KVHeads  int // of keys and values; a divisor of Heads
	Vocab    int
	Sequence int  // tokens that the model was trained for
	Shared   bool // the classifier is the token embedding
}

// Checkpoint is a model: matrices are row by row, a row for each output.
type Checkpoint struct {
	Config
	Embedding  []float32 // Vocab × Dim
	Blocks     []Block
	Norm       []float32 // Dim
	Classifier []float32 // Vocab × Dim
}

// Block is a layer of a model.
type Block struct {
	AttentionNorm, FeedForwardNorm []float32 // Dim
	Q, K, V, O                     []float32 // Dim×Dim, KV×Dim, KV×Dim, Dim×Dim
	W1, W2, W3                     []float32 // Hidden×Dim, Dim×Hidden, Hidden×Dim
}

// headSize is the length of the part of a vector that a head sees.
func (c *Config) headSize() int { return c.Dim / c.Heads }

// kv is the length of the keys of all heads.
func (c *Config) kv() int { return c.headSize() * c.KVHeads }

// Open reads the checkpoint at path. Errors begin with the path.
func Open(path string) (*Checkpoint, error) {
	c, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

func open(path string) (*Checkpoint, error) {
	f, err := files.Open(context.Background(), path, files.Data)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, f.Size())
}

// headerBytes is the length of a header: seven numbers.
const headerBytes = 28

// Read reads a checkpoint of so many bytes.
func Read(r io.Reader, size int64) (*Checkpoint, error) {
	var header [7]int32
	if size < headerBytes {
		return nil, fmt.Errorf("%d bytes are no checkpoint of llama2.c: its header has %d", size, headerBytes)
	}
	if err := binary.Read(r, binary.LittleEndian, &header); err != nil {
		return nil, err
	}
	c := &Checkpoint{Config: configOf(header)}
	if err := c.check(); err != nil {
		return nil, err
	}
	if want := headerBytes + 4*c.numbers(); size != want {
		return nil, fmt.Errorf("%d bytes: a model of %+v has %d", size, c.Config, want)
	}
	return c, c.fill(r)
}

func configOf(h [7]int32) Config {
	return Config{
		Dim: int(h[0]), Hidden: int(h[1]), Layers: int(h[2]), Heads: int(h[3]), KVHeads: int(h[4]),
		Vocab: max(int(h[5]), -int(h[5])), Sequence: int(h[6]), Shared: h[5] > 0,
	}
}

// check reports all that is impossible about a header.
func (c *Config) check() error {
	var errs []error
	for _, v := range []struct {
		name  string
		value int
	}{
		{"dim", c.Dim},
		{"hidden_dim", c.Hidden},
		{"n_layers", c.Layers},
		{"n_heads", c.Heads},
		{"n_kv_heads", c.KVHeads},
		{"vocab_size", c.Vocab},
		{"seq_len", c.Sequence},
	} {
		if v.value < 1 || v.value > 1<<20 {
			errs = append(errs, fmt.Errorf("%s = %d: must be 1 to %d", v.name, v.value, 1<<20))
		}
	}
	if errs == nil && (c.Dim%c.Heads != 0 || c.headSize()%2 != 0) {
		errs = append(errs, fmt.Errorf("dim = %d: must be an even number for each of %d heads", c.Dim, c.Heads))
	}
	if errs == nil && c.Heads%c.KVHeads != 0 {
		errs = append(errs, fmt.Errorf("n_kv_heads = %d: must divide n_heads = %d", c.KVHeads, c.Heads))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("no checkpoint of llama2.c: %w", err)
	}
	return nil
}

// numbers counts those of a checkpoint; tables of rotations, which are computed
// anew, are among them.
func (c *Config) numbers() int64 {
	dim, kv, hidden := int64(c.Dim), int64(c.kv()), int64(c.Hidden)
	n := int64(c.Vocab)*dim + dim + int64(c.Sequence)*int64(c.headSize())
	n += int64(c.Layers) * (2*dim + 2*dim*dim + 2*kv*dim + 3*hidden*dim)
	if !c.Shared {
		n += int64(c.Vocab) * dim
	}
	return n
}

// fill reads the numbers behind the header.
func (c *Checkpoint) fill(r io.Reader) error {
	dim, kv, hidden := c.Dim, c.kv(), c.Hidden
	c.Blocks = make([]Block, c.Layers)
	var err error
	one := func(to *[]float32, n int) {
		if err == nil {
			*to, err = floats(r, n)
		}
	}
	each := func(n int, of func(b *Block) *[]float32) {
		for i := range c.Blocks {
			one(of(&c.Blocks[i]), n)
		}
	}
	one(&c.Embedding, c.Vocab*dim)
	each(dim, func(b *Block) *[]float32 { return &b.AttentionNorm })
	each(dim*dim, func(b *Block) *[]float32 { return &b.Q })
	each(kv*dim, func(b *Block) *[]float32 { return &b.K })
	each(kv*dim, func(b *Block) *[]float32 { return &b.V })
	each(dim*dim, func(b *Block) *[]float32 { return &b.O })
	each(dim, func(b *Block) *[]float32 { return &b.FeedForwardNorm })
	each(hidden*dim, func(b *Block) *[]float32 { return &b.W1 })
	each(dim*hidden, func(b *Block) *[]float32 { return &b.W2 })
	each(hidden*dim, func(b *Block) *[]float32 { return &b.W3 })
	one(&c.Norm, dim)
	c.Classifier = c.Embedding
	if !c.Shared {
		var rotations []float32
		one(&rotations, c.Sequence*c.headSize())
		one(&c.Classifier, c.Vocab*dim)
	}
	return err
}

// floats reads n numbers, which must be finite.
func floats(r io.Reader, n int) ([]float32, error) {
	out := make([]float32, n)
	if err := binary.Read(r, binary.LittleEndian, out); err != nil {
		return nil, err
	}
	for _, v := range out {
		if v-v != 0 {
			return nil, fmt.Errorf("a weight is %v: must be finite", v)
		}
	}
	return out, nil
}

// rotation returns cosine and sine of the angle by which the pair j of a head is
// turned at a position (Su et al., "RoFormer", arXiv 2104.09864, 2021, eq. 15).
func (c *Config) rotation(position, j int) (cos, sin float64) {
	angle := float64(position) * math.Pow(10000, -2*float64(j)/float64(c.headSize()))
	return math.Cos(angle), math.Sin(angle)
}
