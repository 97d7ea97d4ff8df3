package llama2

import (
	"bytes"
	"context"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"bitcycle/internal/testdata"
	"bitcycle/kernels"
	"bitcycle/quantizers"
)

func stories(t *testing.T) (*Checkpoint, *Tokenizer) {
	t.Helper()
	c, err := Open(testdata.Data(t, "models/language/stories260K.bin"))
	if err != nil {
		t.Fatal(err)
	}
	tok, err := OpenTokenizer(testdata.Data(t, "models/language/tok512.bin"), c.Vocab)
	if err != nil {
		t.Fatal(err)
	}
	return c, tok
}

// reference is the model token by token, in float64, with a cache of keys and
// values, as papers define it.
type reference struct {
	*Checkpoint
	keys, values [][][]float64 // by layer and position
}

func (r *reference) step(token, position int) []float64 {
	x := wide(r.Embedding[token*r.Dim : (token+1)*r.Dim])
	for i := range r.Blocks {
		l := &r.Blocks[i]
		n := rms(x, l.AttentionNorm)
		q, k, v := times(l.Q, n), times(l.K, n), times(l.V, n)
		r.turn(q, position)
		r.turn(k, position)
		r.keys[i], r.values[i] = append(r.keys[i], k), append(r.values[i], v)
		plus(x, times(l.O, r.attend(i, q)))
		n = rms(x, l.FeedForwardNorm)
		gate, up := times(l.W1, n), times(l.W3, n)
		for j, g := range gate {
			up[j] *= g / (1 + math.Exp(-g))
		}
		plus(x, times(l.W2, up))
	}
	return times(r.Classifier, rms(x, r.Norm))
}

func (r *reference) attend(layer int, q []float64) []float64 {
	size := r.Dim / r.Heads
	out := make([]float64, r.Dim)
	for h := range r.Heads {
		at := h / (r.Heads / r.KVHeads) * size
		var weight []float64
		sum := 0.0
		for _, k := range r.keys[layer] {
			dot := 0.0
			for j := range size {
				dot += q[h*size+j] * k[at+j]
			}
			weight = append(weight, math.Exp(dot/math.Sqrt(float64(size))))
			sum += weight[len(weight)-1]
		}
		for t, v := range r.values[layer] {
			for j := range size {
				out[h*size+j] += weight[t] / sum * v[at+j]
			}
		}
	}
	return out
}

func (r *reference) turn(x []float64, position int) {
	size := r.Dim / r.Heads
	for i := 0; i < len(x); i += 2 {
		angle := float64(position) / math.Pow(10000, float64(i%size)/float64(size))
		a, b := x[i], x[i+1]
		x[i], x[i+1] = a*math.Cos(angle)-b*math.Sin(angle), a*math.Sin(angle)+b*math.Cos(angle)
	}
}

func rms(x []float64, factor []float32) []float64 {
	sum := 0.0
	for _, v := range x {
		sum += v * v
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = v / math.Sqrt(sum/float64(len(x))+1e-5) * float64(factor[i])
	}
	return out
}

func times(w []float32, x []float64) []float64 {
	out := make([]float64, len(w)/len(x))
	for i := range out {
		for j, v := range x {
			out[i] += float64(w[i*len(x)+j]) * v
		}
	}
	return out
}

func plus(x, y []float64) {
	for i := range x {
		x[i] += y[i]
	}
}

func wide(x []float32) (out []float64) {
	for _, v := range x {
		out = append(out, float64(v))
	}
	return out
}

// batchOf makes one text of tokens.
func batchOf(tokens []int) kernels.Batch {
	b := kernels.Batch{N: 1, Shape: kernels.Shape{C: 1, H: len(tokens), W: 1}}
	for _, id := range tokens {
		b.Data = append(b.Data, float32(id))
	}
	return b
}

// logits returns those of a position, from the output of a network in channel, row
// order.
func logits[T float32 | int32](y []T, tokens, position int) []T {
	var out []T
	for at := position; at < len(y); at += tokens {
		out = append(out, y[at])
	}
	return out
}

// told lets the float model tell on, always the likeliest token.
func told(t *testing.T, c *Checkpoint, begin []int, tokens int) []int {
	t.Helper()
	r := &reference{c, make([][][]float64, c.Layers), make([][][]float64, c.Layers)}
	out := slices.Clone(begin)
	for at := range tokens {
		y := r.step(out[at], at)
		if at+1 == len(out) && len(out) < tokens {
			best := 0
			for i, v := range y {
				if v > y[best] {
					best = i
				}
			}
			out = append(out, best)
		}
	}
	return out
}

// The network computes what the model is defined to, at every position, and tells a
// story.
func TestNetworkIsTheModel(t *testing.T) {
	c, tok := stories(t)
	const tokens = 48
	text := told(t, c, tok.Encode("Once upon a time"), tokens)
	story := tok.Decode(text)
	t.Log(story)
	if !strings.HasPrefix(story, "Once upon a time, there was a little") {
		t.Errorf("told %q", story)
	}
	net, err := c.Network(tokens)
	if err != nil {
		t.Fatal(err)
	}
	p, err := kernels.Compile(net, kernels.PlanOptions{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, p.Classes)
	if err := p.Run(batchOf(text), y); err != nil {
		t.Fatal(err)
	}
	r := &reference{c, make([][][]float64, c.Layers), make([][][]float64, c.Layers)}
	for at, id := range text {
		got := logits(y, tokens, at)
		for i, want := range r.step(id, at) {
			if math.Abs(float64(got[i])-want) > 1e-4*(1+math.Abs(want)) {
				t.Fatalf("position %d: logit %d is %v, want %v", at, i, got[i], want)
			}
		}
	}
}

// perplexity is exp of the mean surprise of each token at the next one.
func perplexity(tokens []int, logit func(position, token int) float64, vocab int) float64 {
	sum := 0.0
	for at, next := range tokens[1:] {
		total := 0.0
		for v := range vocab {
			total += math.Exp(logit(at, v) - logit(at, next))
		}
		sum += math.Log(total)
	}
	return math.Exp(sum / float64(len(tokens)-1))
}

// Quantized to eight bits, the model is as little surprised by a page in its
// vocabulary as in float; at four bits more.
func TestQuantizedModel(t *testing.T) {
	c, tok := stories(t)
	page := tok.Encode("Tom and Mia went to the park. They saw a big dog. The dog was happy and ran to the tree. Mia said, \"Look, it has a red ball!\" Tom was not scared.")
	if got := tok.Decode(page); !strings.HasPrefix(got, "Tom and Mia went") {
		t.Fatalf("read back as %q", got)
	}
	net, err := c.Network(len(page))
	if err != nil {
		t.Fatal(err)
	}
	calib := batchOf(told(t, c, tok.Encode("One day"), len(page)))
	float, err := kernels.Compile(net, kernels.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float32, float.Classes)
	if err := float.Run(batchOf(page), y); err != nil {
		t.Fatal(err)
	}
	base := perplexity(page, func(at, v int) float64 { return float64(y[v*len(page)+at]) }, c.Vocab)
	var quantized []float64
	for _, bits := range []uint8{8, 4} {
		q, err := quantizers.Quantize(context.Background(), net, quantizers.Uniform(net, bits, bits, 8, 8), calib, quantizers.Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		p, err := kernels.CompileInt(q, kernels.IntOptions{})
		if err != nil {
			t.Fatal(err)
		}
		codes := make([]int32, p.Classes)
		if err := p.Run(batchOf(page), codes); err != nil {
			t.Fatal(err)
		}
		quantized = append(quantized, perplexity(page, func(at, v int) float64 { return p.Grid().Scale * float64(codes[v*len(page)+at]) }, c.Vocab))
	}
	t.Logf("perplexity of %d tokens: %.2f in float, %.2f at 8 bits, %.2f at 4", len(page), base, quantized[0], quantized[1])
	if quantized[0] > 1.1*base || quantized[1] < quantized[0] {
		t.Errorf("perplexity %.2f in float, %.2f at 8 bits, %.2f at 4", base, quantized[0], quantized[1])
	}
}

// Damaged files are refused with one line.
func TestRefusals(t *testing.T) {
	file := func(header ...int32) []byte {
		var b bytes.Buffer
		if err := binary.Write(&b, binary.LittleEndian, header); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for want, data := range map[string][]byte{
		"5 bytes are no checkpoint":          []byte("hello"),
		"n_heads = 0: must be 1":             file(64, 172, 5, 0, 4, 512, 512),
		"must be an even number":             file(64, 172, 5, 7, 7, 512, 512),
		"n_kv_heads = 3: must divide":        file(64, 172, 5, 8, 3, 512, 512),
		"28 bytes: a model of {Dim:64":       file(64, 172, 5, 8, 4, 512, 512),
		"seq_len = -1: must be 1 to 1048576": file(64, 172, 5, 8, 4, 512, -1),
	} {
		if _, err := Read(bytes.NewReader(data), int64(len(data))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for want, data := range map[string][]byte{
		"token 0 of 2: EOF": file(7), "token 0 has -3 bytes": file(7, 0, -3), "there is more behind 2 tokens": file(7, 0, 0, 0, 0, 1),
	} {
		if _, err := ReadTokenizer(bytes.NewReader(data), 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	c, _ := stories(t)
	if _, err := c.Network(513); err == nil || !strings.Contains(err.Error(), "513 tokens: must be 1 to 512") {
		t.Error(err)
	}
}
