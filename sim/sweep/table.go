package sweep

import (
	"encoding/csv"
	"io"
	"math"
	"slices"
	"strconv"
)

// Table is the points of a sweep with what is known of them, judged: which are on the
// front, and why others are not.
type Table struct {
	Spec       *Spec
	Keys       []string // that vary
	Metrics    []int    // that points have, in the order of [Metrics]
	Objectives []int    // in the order of the sweep
	// Measured are the figures that the sweep has measured ones of, in the order of their file.
	Measured []int
	signs    []float64
	beside   []Beside // of each point where Measured is not empty

	n        int
	known    int
	recalled int        // of known
	live     *liveFront // of the points so far, for people who wait; nil for nobody
	seen     []bool     // points that are known
	columns  [MetricCount][]float64
	errors   map[int]string
	notes    map[int]string
	by       []int32 // what dominates a point; −1 on the front, −2 no candidate
	misses   []int8  // the first constraint that a point does not keep, −1 none
	plan     *Plan
	values   [][]string // of points that were read
	ids      []ID
}

// metricsOf are the figures of the points.
func (p *Plan) metricsOf() []int {
	switch p.kind {
	case radio:
		return []int{ser, serLo, serHi, pathLatency, power, energyPerBit, slack}
	case measures:
		return append([]int{latency, interval, energy, edp, dram, cycles, area, weights, latencyLow, latencyHigh, energyLow, energyHigh}, p.judged()...)
	}
	return []int{latency, interval, energy, edp, dram, cycles, area, weights, latencyLow, latencyHigh, energyLow, energyHigh}
}

func newTable(p *Plan) *Table {
	t := &Table{Spec: p.Spec, Keys: p.Keys, Metrics: p.metricsOf(), n: p.Len(), plan: p, errors: map[int]string{}, notes: map[int]string{}}
	t.seen = make([]bool, t.n)
	t.Objectives, t.signs = p.Objectives()
	for _, m := range t.Metrics {
		t.columns[m] = make([]float64, t.n)
		for i := range t.columns[m] {
			t.columns[m][i] = math.NaN()
		}
	}
	return t
}

// set takes a result.
func (t *Table) set(i int, r *Result) {
	if !t.seen[i] {
		t.known++
	}
	t.seen[i] = true
	if r.Error != "" {
		t.errors[i] = r.Error
	}
	if r.Note != "" {
		t.notes[i] = r.Note
	}
	for _, m := range t.Metrics {
		t.columns[m][i] = r.Values[m]
	}
	if t.live != nil && t.missed(i) < 0 {
		t.live.add(t.objectives(i, make([]float64, len(t.Objectives))))
	}
}

// objectives writes what is minimised of a point.
func (t *Table) objectives(i int, into []float64) []float64 {
	for k, m := range t.Objectives {
		into[k] = t.signs[k] * t.Value(i, m)
	}
	return into
}

// Len is the number of points, Known of those that were evaluated.
func (t *Table) Len() int { return t.n }

// Known is the number of points that were evaluated.
func (t *Table) Known() int { return t.known }

// Recalled is the number of points that the cache had.
func (t *Table) Recalled() int { return t.recalled }

// Value is a figure of a point, NaN where there is none.
func (t *Table) Value(i, metric int) float64 {
	if t.columns[metric] == nil {
		return math.NaN()
	}
	return t.columns[metric][i]
}

// Values are the values of the keys of a point.
func (t *Table) Values(i int) []string {
	if t.values != nil {
		return t.values[i]
	}
	return t.plan.Values(i)
}

// ID is the id of a point.
func (t *Table) ID(i int) ID {
	if t.ids != nil {
		return t.ids[i]
	}
	return t.plan.ID(i)
}

// Error tells why a point has no figures, "" if it has.
func (t *Table) Error(i int) string { return t.errors[i] }

// Note tells why a point lacks a figure, such as an accuracy that was not worth measuring.
func (t *Table) Note(i int) string { return t.notes[i] }

// Errors counts the points without figures by what they say.
func (t *Table) Errors() map[string]int {
	count := map[string]int{}
	for _, e := range t.errors {
		count[e]++
	}
	return count
}

// OnFront tells whether a point is on the front.
func (t *Table) OnFront(i int) bool { return t.by[i] == -1 }

// DominatedBy is a point of the front that is better, −1 if there is none.
func (t *Table) DominatedBy(i int) int { return max(int(t.by[i]), -1) }

// Misses is the constraint that a point does not keep, "" if it keeps all.
func (t *Table) Misses(i int) string {
	if t.misses[i] < 0 {
		return ""
	}
	return t.Spec.Constraints[t.misses[i]].String()
}

// Judge finds the front.
func (t *Table) Judge() {
	objectives := make([][]float64, t.n)
	flat := make([]float64, t.n*len(t.Objectives))
	t.misses = make([]int8, t.n)
	for i := range t.n {
		o := t.objectives(i, flat[i*len(t.Objectives):][:len(t.Objectives)])
		if t.misses[i] = t.missed(i); t.misses[i] >= 0 {
			o[0] = math.NaN()
		}
		objectives[i] = o
	}
	t.by = make([]int32, t.n)
	for i, by := range Dominated(objectives) {
		t.by[i] = int32(by)
	}
}

// missed is the first constraint that a point with figures does not keep.
func (t *Table) missed(i int) int8 {
	if math.IsNaN(t.Value(i, t.Metrics[0])) {
		return -1
	}
	for k, c := range t.Spec.Constraints {
		if m, _ := metricOf(c.Metric); !c.keeps(t.Value(i, m)) {
			return int8(k)
		}
	}
	return -1
}

// Front lists the points of the front by the first objective.
func (t *Table) Front() []int {
	var front []int
	for i := range t.n {
		if t.by[i] == -1 {
			front = append(front, i)
		}
	}
	slices.SortStableFunc(front, func(a, b int) int {
		for k, m := range t.Objectives {
			x, y := t.signs[k]*t.Value(a, m), t.signs[k]*t.Value(b, m)
			if x != y {
				if x < y {
					return -1
				}
				return 1
			}
		}
		return a - b
	})
	return front
}

// The columns of a table's file beside keys and figures.
const (
	columnID        = "id"
	columnFront     = "on_front"
	columnDominated = "dominated_by"
	columnMisses    = "misses"
	columnError     = "error"
	columnNote      = "note"
	// In sweeps with measured figures, each of which stands in the column of its name
	// behind measuredPrefix.
	measuredPrefix = "measured_"
	columnRows     = "measured_rows"
	columnFrom     = "measured_source"
	columnKernel   = "kernel"
	columnFit      = "fit"
	columnRoom     = "room"
	columnEnergy   = "energy_source"
)

// WriteCSV writes every point: id, keys, figures, whether it is on the front, else what
// dominates it, which constraint it misses, or its error.
func (t *Table) WriteCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	head := append([]string{columnID}, t.Keys...)
	for _, m := range t.Metrics {
		head = append(head, Metrics[m].Key)
	}
	head = append(append(head, columnFront, columnDominated, columnMisses, columnError, columnNote), t.besideColumns()...)
	if err := out.Write(head); err != nil {
		return err
	}
	row := make([]string, 0, len(head))
	for i := range t.n {
		row = append(append(row[:0], t.ID(i).String()), t.Values(i)...)
		for _, m := range t.Metrics {
			row = append(row, figure(t.Value(i, m)))
		}
		dominated := ""
		if d := t.DominatedBy(i); d >= 0 {
			dominated = t.ID(d).String()
		}
		row = append(row, strconv.FormatBool(t.OnFront(i)), dominated, t.Misses(i), t.Error(i), t.Note(i))
		row = t.besideCells(row, i)
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// figure writes a number for files, "" where there is none.
func figure(x float64) string {
	if math.IsNaN(x) {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

// Minimised tells whether less of objective k is better.
func (t *Table) Minimised(k int) bool { return t.signs[k] > 0 }
