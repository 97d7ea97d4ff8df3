package yardstick

import (
	"fmt"
	"math"

	"bitcycle/kernels/dataset"
)

// language is the perplexity of a text: the exponential of the mean of
//
//	−ln p(token | those before it in its window)
//
// with p the softmax of the network's logits (Jelinek et al., J. Acoust. Soc. Am. 62,
// 1977).
type language struct{ images *dataset.Images }

func (*language) Task() string { return "language" }
func (*language) Unit() string { return "tokens" }

func (*language) Scales() []Scale {
	return []Scale{{Name: "perplexity", Title: "perplexity", Less: true}}
}

func (l *language) Count(i int) int { return len(l.images.Next[i]) }

func (l *language) See(i int, outputs []Output) (Seen, error) {
	next, logits := l.images.Next[i], outputs[0].Values
	vocabulary := len(logits) / len(next)
	if vocabulary*len(next) != len(logits) || vocabulary < 2 {
		return nil, fmt.Errorf("the network gives %d numbers for %d tokens: want the logits of a vocabulary for each", len(logits), len(next))
	}
	var s sum
	for k, token := range next {
		if token >= vocabulary {
			return nil, fmt.Errorf("window %d: token %d: the network knows %d", i, token, vocabulary)
		}
		s.total += surprise(logits[k*vocabulary:][:vocabulary], token)
	}
	s.terms = float64(len(next))
	return s, nil
}

// surprise is −ln softmax(z)[k].
func surprise(z []float32, k int) float64 {
	top := math.Inf(-1)
	for _, v := range z {
		top = max(top, float64(v))
	}
	var total float64
	for _, v := range z {
		total += math.Exp(float64(v) - top)
	}
	return math.Log(total) + top - float64(z[k])
}

func (*language) Score(seen []Seen) func(times []int) []float64 {
	return func(times []int) []float64 { return []float64{math.Exp(meanOf(seen, times))} }
}
