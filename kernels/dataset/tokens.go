package dataset

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"math"
	"strconv"
	"strings"

	"bitcycle/internal/files"
	"bitcycle/internal/npy"
)

// shippedTokens are texts in the vocabulary of 512 tokens of the TinyStories models
// (tok512 of github.com/karpathy/llama2.c), both made here by package kernels/llama2/gen:
// stories that the 260 000-parameter model wrote, and a page that was written for it.
//
//go:embed tokens
var shippedTokens embed.FS

// windowTokens is how long windows are where no network says it.
const windowTokens = 256

// loadTokens reads the numbers of a text's tokens and cuts it into windows as long as the
// network takes, each with the tokens that follow its own. FILE is an .npy array of
// integers, whose rows are texts of their own, or numbers between spaces; names without
// an extension are shipped.
func loadTokens(ctx context.Context, rest string, r span, want Want) (*Images, error) {
	texts, err := readTokens(ctx, rest)
	if err != nil {
		return nil, err
	}
	window := want.H
	if window == 0 {
		window = windowTokens
	}
	im := &Images{H: window, W: 1, C: 1}
	longest := 0
	for _, text := range texts {
		longest = max(longest, len(text))
		for len(text) > window {
			for _, token := range text[:window] {
				im.Values = append(im.Values, float32(token))
			}
			im.Next = append(im.Next, text[1:window+1])
			im.N, text = im.N+1, text[window:]
		}
	}
	if im.N == 0 {
		return nil, fmt.Errorf("%s: %d tokens: a window of %d and the token after it need %d; --input tokens=N takes shorter ones", rest, longest, window, window+1)
	}
	return im.cut(r)
}

func readTokens(ctx context.Context, rest string) ([][]int, error) {
	if data, err := fs.ReadFile(shippedTokens, "tokens/"+rest+".txt"); err == nil {
		tokens, err := parseTokens(rest, string(data))
		return [][]int{tokens}, err
	}
	path := Resolve(rest)
	if strings.HasSuffix(strings.TrimSuffix(strings.ToLower(path), ".gz"), ".npy") {
		return arrayTokens(ctx, path)
	}
	data, err := files.ReadPacked(ctx, path, files.Data)
	if err != nil {
		return nil, fmt.Errorf("%w (shipped: %s)", err, strings.Join(shippedTexts(), ", "))
	}
	tokens, err := parseTokens(path, string(data))
	return [][]int{tokens}, err
}

// shippedTexts are the names of the texts that are shipped.
func shippedTexts() (names []string) {
	list, err := shippedTokens.ReadDir("tokens")
	if err != nil {
		panic("dataset: " + err.Error())
	}
	for _, e := range list {
		names = append(names, strings.TrimSuffix(e.Name(), ".txt"))
	}
	return names
}

// parseTokens reads numbers between spaces and ends of lines.
func parseTokens(path, text string) ([]int, error) {
	var tokens []int
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		n++
		for word := range strings.FieldsSeq(line) {
			token, err := strconv.Atoi(word)
			if err != nil || token < 0 || token > math.MaxInt32 {
				return nil, fmt.Errorf("%s:%d: %.40q: must be the number of a token", path, n, word)
			}
			tokens = append(tokens, token)
		}
	}
	return tokens, nil
}

func arrayTokens(ctx context.Context, path string) ([][]int, error) {
	a, err := npy.Load(ctx, path)
	if err != nil {
		return nil, err
	}
	if len(a.Shape) < 1 || len(a.Shape) > 2 || a.Len() == 0 {
		return nil, fmt.Errorf("%s: shape %v: want [tokens] or [texts tokens]", path, a.Shape)
	}
	all, err := a.Ints()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	for i, token := range all {
		if token < 0 || token > math.MaxInt32 {
			return nil, fmt.Errorf("%s: element %d = %d: must be the number of a token", path, i, token)
		}
	}
	length := a.Shape[len(a.Shape)-1]
	var texts [][]int
	for ; len(all) > 0; all = all[length:] {
		texts = append(texts, all[:length])
	}
	return texts, nil
}
