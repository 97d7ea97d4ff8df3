package llama2

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"unicode/utf8"

	"bitcycle/internal/files"
)

// Tokenizer makes tokens of text and back: byte pairs joined by their scores, as
// llama2.c does. Token 1 begins a text, 2 ends it, and 3 to 258 are bytes.
type Tokenizer struct {
	Tokens []string
	Scores []float32

	number map[string]int
}

// The tokens with a meaning of their own.
const (
	Begin     = 1
	End       = 2
	firstByte = 3
)

// maxToken bounds the length of a token.
const maxToken = 1 << 10

// OpenTokenizer reads the tokenizer at path, which has so many tokens. Errors begin
// with the path.
func OpenTokenizer(path string, vocab int) (*Tokenizer, error) {
	data, err := files.Read(context.Background(), path, files.Data)
	if err != nil {
		return nil, err
	}
	t, err := ReadTokenizer(bytes.NewReader(data), vocab)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// ReadTokenizer reads a tokenizer of so many tokens.
func ReadTokenizer(r io.Reader, vocab int) (*Tokenizer, error) {
	var longest int32
	if err := binary.Read(r, binary.LittleEndian, &longest); err != nil {
		return nil, fmt.Errorf("length of the longest token: %w", err)
	}
	if vocab <= Begin {
		return nil, fmt.Errorf("%d tokens: must be more than %d, the one that begins a text", vocab, Begin)
	}
	t := &Tokenizer{number: map[string]int{}}
	for i := range vocab {
		var head struct {
			Score  float32
			Length int32
		}
		if err := binary.Read(r, binary.LittleEndian, &head); err != nil {
			return nil, fmt.Errorf("token %d of %d: %w", i, vocab, err)
		}
		if head.Length < 0 || head.Length > maxToken {
			return nil, fmt.Errorf("token %d has %d bytes: must be 0 to %d", i, head.Length, maxToken)
		}
		if head.Score-head.Score != 0 {
			return nil, fmt.Errorf("token %d has the score %v: must be a finite number", i, head.Score)
		}
		text := make([]byte, head.Length)
		if _, err := io.ReadFull(r, text); err != nil {
			return nil, fmt.Errorf("token %d of %d: %w", i, vocab, err)
		}
		t.Tokens, t.Scores = append(t.Tokens, string(text)), append(t.Scores, head.Score)
		if _, known := t.number[string(text)]; !known {
			t.number[string(text)] = i
		}
	}
	if n, _ := io.CopyN(io.Discard, r, 1); n > 0 {
		return nil, fmt.Errorf("there is more behind %d tokens", vocab)
	}
	return t, nil
}

// Encode returns the tokens of a text, [Begin] first.
func (t *Tokenizer) Encode(text string) []int {
	tokens := []int{Begin}
	if text == "" {
		return tokens
	}
	text = " " + text
	for len(text) > 0 {
		_, n := utf8.DecodeRuneInString(text)
		if id, ok := t.number[text[:n]]; ok {
			tokens = append(tokens, id)
		} else {
			for _, b := range []byte(text[:n]) {
				tokens = append(tokens, min(int(b)+firstByte, len(t.Tokens)-1))
			}
		}
		text = text[n:]
	}
	for t.join(tokens) {
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}

// join joins the two neighbours whose token has the highest score, the first of
// equals; what is left is one shorter. It tells whether there were any.
func (t *Tokenizer) join(tokens []int) bool {
	best, at := 0, -1
	for i := 1; i < len(tokens); i++ {
		id, ok := t.number[t.Tokens[tokens[i-1]]+t.Tokens[tokens[i]]]
		if ok && (at < 0 || t.Scores[id] > t.Scores[best]) {
			best, at = id, i
		}
	}
	if at < 0 {
		return false
	}
	tokens[at-1] = best
	copy(tokens[at:], tokens[at+1:])
	return true
}

// Decode returns the text of tokens; those of no text are left out.
func (t *Tokenizer) Decode(tokens []int) string {
	var out []byte
	for i, id := range tokens {
		if id < 0 || id >= len(t.Tokens) || id == Begin || id == End {
			continue
		}
		text := t.Tokens[id]
		var b byte
		if n, _ := fmt.Sscanf(text, "<0x%02X>", &b); n == 1 && len(text) == 6 {
			text = string([]byte{b})
		} else if i > 0 && tokens[i-1] == Begin && len(text) > 0 && text[0] == ' ' {
			text = text[1:]
		}
		out = append(out, text...)
	}
	return string(out)
}
