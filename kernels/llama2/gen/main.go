// Command gen writes the texts of package dataset that are in the vocabulary of the
// TinyStories models, as numbers of tokens: stories that a model samples, and page.txt.
//
//	gen MODEL TOKENIZER FOLDER
package main

import (
	_ "embed"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/kernels"
	"bitcycle/kernels/llama2"
)

//go:embed page.txt
var page string

// Stories are sampled from the softmax of the logits as they are (temperature 1).
const (
	seed    = 1
	tokens  = 2048 // at least, in all stories
	longest = 128  // tokens of a story
	shorter = 16   // the shortest network
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "gen: want MODEL TOKENIZER FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(model, tokenizer, folder string) error {
	c, err := llama2.Open(model)
	if err != nil {
		return err
	}
	words, err := llama2.OpenTokenizer(tokenizer, c.Vocab)
	if err != nil {
		return err
	}
	var paragraphs []int
	for _, text := range strings.Split(strings.TrimSpace(page), "\n\n") {
		list := words.Encode(text)
		if len(paragraphs) > 0 {
			list = list[1:] // one beginning for all
		}
		paragraphs = append(paragraphs, list...)
	}
	stories, err := sample(c)
	if err != nil {
		return err
	}
	for name, list := range map[string][]int{"stories-page": paragraphs, "stories-sampled": stories} {
		if err := files.Save(filepath.Join(folder, name+".txt"), []byte(lines(list))); err != nil {
			return err
		}
	}
	return nil
}

// lines writes numbers, a new line before every text.
func lines(list []int) string {
	var b strings.Builder
	for i, token := range list {
		switch {
		case token == llama2.Begin && i > 0:
			b.WriteByte('\n')
		case i > 0:
			b.WriteByte(' ')
		}
		fmt.Fprint(&b, token)
	}
	return b.String() + "\n"
}

// sample writes stories one after the other.
func sample(c *llama2.Checkpoint) ([]int, error) {
	plans := map[int]*kernels.Plan{} // by the tokens that they take
	for n := shorter; n <= longest; n *= 2 {
		net, err := c.Network(n)
		if err != nil {
			return nil, err
		}
		if plans[n], err = kernels.Compile(net, kernels.PlanOptions{}); err != nil {
			return nil, err
		}
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	var all []int
	for len(all) < tokens {
		story := []int{llama2.Begin}
		for len(story) < longest {
			n := shorter
			for n < len(story) {
				n *= 2
			}
			logits, err := follow(plans[n], story, n)
			if err != nil {
				return nil, err
			}
			next := draw(logits, rng)
			if next == llama2.Begin || next == llama2.End {
				break
			}
			story = append(story, next)
		}
		all = append(all, story...)
		fmt.Fprintf(os.Stderr, "%d tokens\r", len(all))
	}
	return all, nil
}

// follow returns the logits of the token after a story, by a network of n tokens.
func follow(p *kernels.Plan, story []int, n int) ([]float32, error) {
	batch := kernels.Batch{N: 1, Shape: p.Net.InputShape(), Data: make([]float32, n)}
	for i, token := range story {
		batch.Data[i] = float32(token)
	}
	all := make([]float32, p.Classes)
	if err := p.Run(batch, all); err != nil {
		return nil, err
	}
	logits := make([]float32, len(all)/n)
	for k := range logits {
		logits[k] = all[k*n+len(story)-1]
	}
	return logits, nil
}

// draw takes a token by the softmax of logits.
func draw(logits []float32, rng *rand.Rand) int {
	weights := make([]float64, len(logits))
	top, sum := math.Inf(-1), 0.0
	for _, v := range logits {
		top = max(top, float64(v))
	}
	for k, v := range logits {
		weights[k] = math.Exp(float64(v) - top)
		sum += weights[k]
	}
	at := rng.Float64() * sum
	for k, w := range weights {
		if at -= w; at < 0 {
			return k
		}
	}
	return len(weights) - 1
}
