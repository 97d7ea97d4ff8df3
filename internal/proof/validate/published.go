package validate

import (
	"io/fs"
	"math"
	"strconv"
	"strings"

	"bitcycle/internal/proof"
)

// published is a row of the table of published figures.
type published struct {
	id, accelerator, config, workload, metric string
	value                                     float64
	half                                      float64 // of the last decimal that the source prints; 0 for whole numbers
	unit, kind, tolerance, status             string
}

// readPublished reads cycles/published.csv.
func readPublished(golden fs.FS) ([]published, error) {
	records, err := proof.ReadCSV(golden, "cycles/published.csv")
	if err != nil {
		return nil, err
	}
	var list []published
	decimals := map[string]int{} // 0.30 may be written as 0.3: those of a quantity have the same
	for _, r := range records {
		_, fraction, _ := strings.Cut(r.Text("value"), ".")
		if key := r.Text("accelerator") + " " + r.Text("metric"); len(fraction) > decimals[key] {
			decimals[key] = len(fraction)
		}
	}
	for _, r := range records {
		list = append(list, published{
			id: r.Text("id"), accelerator: r.Text("accelerator"), config: r.Text("config"), workload: r.Text("workload"), metric: r.Text("metric"),
			value: r.Number("value"), unit: r.Text("unit"), kind: r.Text("kind"), tolerance: r.Text("tolerance"), status: r.Text("status"),
		})
		if err := r.Err(); err != nil {
			return nil, err
		}
		p := &list[len(list)-1]
		if n := decimals[p.accelerator+" "+p.metric]; n > 0 {
			p.half = 0.5 * math.Pow10(-n)
		}
	}
	return list, nil
}

// confirmed reports whether a figure counts; the others are orientation.
func (p published) confirmed() bool { return p.status == "CONFIRMED" }

// bound is the relative error that the table grants a figure: 0 for exact ones.
func (p published) bound() (float64, bool) {
	text := strings.TrimSpace(p.tolerance)
	if strings.HasPrefix(text, "exact") {
		return 0, true
	}
	if at := strings.Index(text, "%"); at > 0 {
		x, err := strconv.ParseFloat(text[:at], 64)
		return x / 100, err == nil
	}
	if text == "2x" {
		return 1, true
	}
	return 0, false
}

// figure compares a figure with ours at the precision that it is printed with. It is
// only shown if it is unconfirmed.
func (p published) figure(got float64) proof.Row {
	r := proof.CompareRounded(p.id, p.workload+" "+p.metric, p.value, got, p.half)
	if !p.confirmed() {
		return r.Show()
	}
	return r
}

// row is figure with the tolerance of the table for a bar, only shown if that
// cannot be read.
func (p published) row(got float64) proof.Row {
	r := p.figure(got)
	bound, ok := p.bound()
	if !ok || r.Verdict == proof.Shown {
		return r.Show()
	}
	if bound == 0 {
		return r.Judge(proof.Within(p.value, p.half+slack*math.Abs(p.value)))
	}
	return r.Judge(proof.Around(p.value, bound+slack))
}

// slack is what sums of decimals may differ by beyond a tolerance.
const slack = 1e-9

// fields parses the key=value words of a workload text.
func (p published) fields() map[string]int {
	m := map[string]int{}
	for _, word := range strings.Fields(p.workload) {
		if key, value, ok := strings.Cut(word, "="); ok {
			if n, err := strconv.Atoi(value); err == nil {
				m[key] = n
			}
		}
	}
	return m
}
