package sweep

import (
	"math"
	"slices"
	"strings"

	"bitcycle/evaluate"
	"bitcycle/evaluate/yardstick"
	"bitcycle/kernels/dataset"
)

// quality takes what was measured of a network that does not tell classes.
func (r *Result) quality(q *yardstick.Quality) {
	put := func(key string, v float64) {
		if m, err := metricOf(key); err == nil && !math.IsInf(v, 0) {
			r.Values[m] = v
		}
	}
	for i := range q.Figures {
		f := &q.Figures[i]
		put(f.Name, f.Value)
		put("float_"+f.Name, f.Float)
		put(f.Name+"_lo", f.CI95[0])
		put(f.Name+"_hi", f.CI95[1])
	}
	sqnr, cosine, most := yardstick.Worst(q.Outputs)
	put("sqnr_db", sqnr)
	put("cosine", cosine)
	put("max_error", most)
}

// judged are the figures that the networks of a sweep are judged by: top-1 where images
// have classes, else what counts of their task, and how outputs differ.
func (p *Plan) judged() (list []int) {
	if p.lab == nil {
		return []int{top1, top1Lo, top1Hi, floatTop1}
	}
	add := func(keys ...string) {
		for _, key := range keys {
			if m, err := metricOf(key); err == nil && !slices.Contains(list, m) {
				list = append(list, m)
			}
		}
	}
	for name, im := range p.lab.images {
		if !strings.HasPrefix(name, judging) {
			continue
		}
		if evaluate.Classifies(im.Images) {
			add("top1", "top1_lo", "top1_hi", "float_top1")
			continue
		}
		if key := figureOf(im.Images); key != "" {
			add(key, key+"_lo", key+"_hi", "float_"+key)
		}
		if im.Boxes != nil {
			add("map50")
		}
		add("sqnr_db", "cosine", "max_error")
	}
	slices.Sort(list)
	return list
}

// figureOf is the one that counts of images without classes; "" where nothing is known of
// them.
func figureOf(im *dataset.Images) string {
	switch {
	case im.Boxes != nil:
		return "map"
	case im.Next != nil:
		return "perplexity"
	case im.Texts != nil:
		return "char_accuracy"
	case im.Targets != nil:
		return "mse"
	}
	return ""
}

// figure is the one that counts of what a sweep is judged by.
func (p *Plan) figure() int {
	list := p.read
	if list == nil {
		list = p.judged()
	}
	for _, m := range list {
		if m == top1 || m >= firstQuality && Metrics[m].Goal != 0 {
			return m
		}
	}
	return top1
}
