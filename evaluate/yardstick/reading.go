package yardstick

import (
	"fmt"
	"unicode/utf8"

	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
)

// reading is how much of lines of text a network reads: one less the edits (Levenshtein,
// Soviet Physics Doklady 10, 1966) that make the texts of what was read, over their
// signs; and the share of lines without any.
type reading struct {
	text   *netfile.Text
	images *dataset.Images
}

func (*reading) Task() string { return "reading" }
func (*reading) Unit() string { return "lines" }

func (*reading) Scales() []Scale {
	return []Scale{
		{Name: "char_accuracy", Title: "character accuracy", Percent: true},
		{Name: "line_accuracy", Title: "line accuracy", Percent: true},
	}
}

func (*reading) Count(int) int { return 1 }

// read is a line: its signs, the edits it takes.
type read struct{ signs, edits float64 }

func (r *reading) See(i int, outputs []Output) (Seen, error) {
	classes, values := len(r.text.Signs), outputs[0].Values
	if dims := outputs[0].Dims; len(dims) == 0 || dims[len(dims)-1] != classes {
		return nil, fmt.Errorf("output %q is %v: want %d scores at every place, a blank and the signs of the dictionary", outputs[0].Name, dims, classes)
	}
	want := r.images.Texts[i]
	return read{float64(utf8.RuneCountInString(want)), float64(edits([]rune(Text(values, r.text.Signs)), []rune(want)))}, nil
}

// Text reads the best sign of every place: equal ones that follow one another are one,
// the first sign is a blank.
func Text(scores []float32, signs []string) string {
	text, last := "", 0
	for ; len(scores) > 0; scores = scores[len(signs):] {
		best := 0
		for k, v := range scores[:len(signs)] {
			if v > scores[best] {
				best = k
			}
		}
		if best != last {
			text += signs[best]
		}
		last = best
	}
	return text
}

// edits is the least number of signs inserted, dropped or replaced that make b of a.
func edits(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range a {
		before := row[0]
		row[0] = i + 1
		for j, y := range b {
			cost := before
			if x != y {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}

func (*reading) Score(seen []Seen) func(times []int) []float64 {
	return func(times []int) []float64 {
		var signs, wrong, lines, right float64
		for i, s := range seen {
			n, line := float64(times[i]), s.(read)
			signs, wrong, lines = signs+n*line.signs, wrong+n*line.edits, lines+n
			if line.edits == 0 {
				right += n
			}
		}
		return []float64{1 - wrong/signs, right / lines}
	}
}
