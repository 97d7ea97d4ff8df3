package reports

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"bitcycle/evaluate/yardstick"
)

// AccuracyValue holds fractions. Of other tasks than classes it has, in the place of
// these keys, task, unit and count (of images, tokens or lines), and by its name every
// figure of the task (map, map50, map75, map_small, map_medium, map_large, perplexity,
// char_accuracy, line_accuracy, mse) with float_NAME, NAME_ci95, NAME_change (against
// float) and NAME_change_ci95 (paired); ci95 is that of the first; sqnr_db, cosine and
// max_error are the worst of outputs, a list of name, sqnr_db, cosine and max_error. An
// infinite sqnr_db, of outputs that do not differ, is absent.
type AccuracyValue struct {
	Top1      float64    `json:"top1"`       // images whose class is their label
	FloatTop1 float64    `json:"float_top1"` // the same of the float network
	Agreement float64    `json:"agreement"`  // images on which both choose one class
	Images    int        `json:"images"`     // measured
	CI95      [2]float64 `json:"ci95"`       // 95 % Wilson interval of top1

	quality *yardstick.Quality // of another task; nil of classes
}

// MarshalJSON writes the keys of the task.
func (a AccuracyValue) MarshalJSON() ([]byte, error) {
	type classes AccuracyValue
	q := a.quality
	if q == nil {
		return json.Marshal(classes(a))
	}
	out := map[string]any{"task": q.Task, "unit": q.Unit, "count": q.Count, q.Unit: q.Count}
	for i := range q.Figures {
		f := &q.Figures[i]
		out[f.Name], out["float_"+f.Name], out[f.Name+"_ci95"] = f.Value, f.Float, f.CI95
		out[f.Name+"_change"], out[f.Name+"_change_ci95"] = f.Change, f.ChangeCI95
	}
	if h := q.Headline(); h != nil {
		out["ci95"] = h.CI95
	}
	sqnr, cosine, most := yardstick.Worst(q.Outputs)
	putErrors(out, sqnr, cosine, most)
	var outputs []map[string]any
	for i := range q.Outputs {
		o := &q.Outputs[i]
		one := map[string]any{"name": o.Name}
		putErrors(one, o.SQNR(), o.Cosine(), o.Max)
		outputs = append(outputs, one)
	}
	out["outputs"] = outputs
	return json.Marshal(out)
}

func putErrors(out map[string]any, sqnr, cosine, most float64) {
	out["cosine"], out["max_error"] = cosine, most
	if !math.IsInf(sqnr, 0) {
		out["sqnr_db"] = sqnr
	}
}

// qualityLines say how good a network is, beside the float one.
func qualityLines(q *yardstick.Quality) []string {
	var lines []string
	for i := range q.Figures {
		f := &q.Figures[i]
		text := fmt.Sprintf("%s %s (float %s)", f.Title, figureText(f, f.Value), figureText(f, f.Float))
		if i == 0 {
			text += fmt.Sprintf(" on %d %s, 95 %% interval %s to %s; change %s, %s to %s (paired)", q.Count, q.Unit,
				figureText(f, f.CI95[0]), figureText(f, f.CI95[1]), signed(f, f.Change), signed(f, f.ChangeCI95[0]), signed(f, f.ChangeCI95[1]))
		}
		lines = append(lines, text)
	}
	if len(lines) > 1 {
		lines = []string{lines[0], strings.Join(lines[1:], ", ")}
	}
	for i := range q.Outputs {
		o := &q.Outputs[i]
		sqnr := "no difference"
		if o.Noise > 0 {
			sqnr = fmt.Sprintf("SQNR %.2f dB", o.SQNR())
		}
		lines = append(lines, fmt.Sprintf("output %s against float: %s, cosine %.6f, largest error %.4g", o.Name, sqnr, o.Cosine(), o.Max))
	}
	return lines
}

// figureText writes a value of a figure.
func figureText(f *yardstick.Figure, v float64) string {
	if f.Percent {
		return fixed(100*v, 2) + " %"
	}
	return fmt.Sprintf("%.5g", v)
}

// signed writes a difference of a figure.
func signed(f *yardstick.Figure, v float64) string {
	if f.Percent {
		return fmt.Sprintf("%+.2f points", 100*v)
	}
	return fmt.Sprintf("%+.4g", v)
}

// accuracyFields are the columns of an accuracy in files.
func accuracyFields(q *yardstick.Quality) []Column {
	if q == nil {
		return []Column{Number("top1", ""), Number("float_top1", ""), Number("agreement", ""), Number("images", ""), Number("top1_ci95_low", ""), Number("top1_ci95_high", "")}
	}
	var columns []Column
	for i := range q.Figures {
		name := q.Figures[i].Name
		columns = append(columns, Number(name, ""), Number("float_"+name, ""), Number(name+"_ci95_low", ""), Number(name+"_ci95_high", ""))
	}
	return append(columns, Number("sqnr_db_of_outputs", ""), Number("cosine", ""), Number("max_error", ""), Number(q.Unit, ""))
}

func accuracyCells(a *AccuracyValue) []any {
	if a.quality == nil {
		return []any{a.Top1, a.FloatTop1, a.Agreement, a.Images, a.CI95[0], a.CI95[1]}
	}
	var cells []any
	for i := range a.quality.Figures {
		f := &a.quality.Figures[i]
		cells = append(cells, f.Value, f.Float, f.CI95[0], f.CI95[1])
	}
	sqnr, cosine, most := yardstick.Worst(a.quality.Outputs)
	return append(cells, finite(sqnr), cosine, most, a.quality.Count)
}
