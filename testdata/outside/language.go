package main

import (
	"bitcycle/kernels"
	"bitcycle/kernels/llama2"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
)

// language reads a language model and its tokenizer, and asks what follows a text.
func language(context.Context) error {
	folder, err := os.MkdirTemp("", "language")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	model, words, vocab := filepath.Join(folder, "model.bin"), filepath.Join(folder, "words.bin"), 0
	text := binary.LittleEndian.AppendUint32(nil, 6)
	add := func(token string, score float32) {
		var b bytes.Buffer
		binary.Write(&b, binary.LittleEndian, score)
		binary.Write(&b, binary.LittleEndian, int32(len(token)))
		text, vocab = append(append(text, b.Bytes()...), token...), vocab+1
	}
	for _, token := range []string{"<unk>", "<s>", "</s>"} {
		add(token, 0)
	}
	for i := range 256 {
		add(fmt.Sprintf("<0x%02X>", i), 0)
	}
	for i, token := range []string{" ", "a", "b", "ab", " ab"} {
		add(token, float32(i))
	}
	if err := os.WriteFile(words, text, 0o644); err != nil {
		return err
	}
	const dim, hidden, layers, heads, kvHeads, sequence = 4, 6, 1, 2, 1, 8
	var b bytes.Buffer
	binary.Write(&b, binary.LittleEndian, []int32{dim, hidden, layers, heads, kvHeads, int32(vocab), sequence})
	numbers := vocab*dim + layers*(2*dim+2*dim*dim+2*dim/heads*kvHeads*dim+3*hidden*dim) + dim + sequence*dim/heads
	binary.Write(&b, binary.LittleEndian, make([]float32, numbers))
	if err := os.WriteFile(model, b.Bytes(), 0o644); err != nil {
		return err
	}
	c, err := llama2.Open(model)
	if err != nil {
		return err
	}
	tokenizer, err := llama2.OpenTokenizer(words, c.Vocab)
	if err != nil {
		return err
	}
	tokens := tokenizer.Encode("ab abc")
	net, err := c.Network(len(tokens))
	if err != nil {
		return err
	}
	x := kernels.Batch{N: 1, Shape: net.InputShape()}
	for _, id := range tokens {
		x.Data = append(x.Data, float32(id))
	}
	plan, err := kernels.Compile(net, kernels.PlanOptions{})
	if err != nil {
		return err
	}
	scores := make([]float32, plan.Classes)
	if err := plan.Run(x, scores); err != nil {
		return err
	}
	fmt.Printf("%q is %d tokens, each followed by one of %d\n", tokenizer.Decode(tokens), len(tokens), len(scores)/len(tokens))
	return nil
}
