// Package experiments repeats the experiments on quantized random Fourier
// features of Zhang, Kannan, Cloninger, Saab (arXiv 2106.02614) with the
// settings of the authors' published notebooks, and adds what they leave out:
// error against stored bits, image and table classification at equal bits.
//
// Every experiment is a function from [Options] to a [Table]: rows of our figure
// beside the paper's with an acceptance window where there is one, curves for
// plots, and findings in words, losses included.
package experiments

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// Options say how thorough an experiment is.
type Options struct {
	Quick bool   // seconds instead of minutes: fewer draws and sizes
	Seed  uint64 // of everything random
	Data  string // folder of the data sets, with mnist/ and tabular/ in it
}

// Table is the outcome of one experiment.
type Table struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Protocol string   `json:"protocol"` // sizes and settings
	Metric   string   `json:"metric"`   // what Paper and Ours are
	Better   float64  `json:"-"`        // 1: more of it is better, −1: less; 0: several metrics, not comparable
	Rows     []Row    `json:"rows"`
	Plots    []Plot   `json:"plots"`
	Findings []string `json:"findings"`
}

// Row is one figure.
type Row struct {
	Setting  string   `json:"setting"`
	Scheme   string   `json:"scheme"`
	Features int      `json:"features"`        // computed per point, m
	Bits     float64  `json:"bits_per_point"`  // stored, by the paper's count
	Paper    *float64 `json:"paper,omitempty"` // nil if the paper gives none
	Ours     float64  `json:"ours"`
	CI95     float64  `json:"ci95"`             // half width of the 95 % interval of Ours; 0 for a single draw
	Window   *Window  `json:"window,omitempty"` // nil: shown, not judged
	Pass     bool     `json:"pass"`             // Ours is in the window; true without one
	Derived  bool     `json:"-"`                // a slope or quotient of other rows
	Note     string   `json:"note,omitempty"`
}

// Window is an acceptance interval, ends included.
type Window struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Plot is a set of curves over common axes.
type Plot struct {
	Title  string   `json:"title"`
	XLabel string   `json:"x_label"`
	YLabel string   `json:"y_label"`
	LogX   bool     `json:"log_x"`
	LogY   bool     `json:"log_y"`
	Series []Series `json:"series"`
}

// Series is one curve.
type Series struct {
	Name string    `json:"name"`
	X    []float64 `json:"x"`
	Y    []float64 `json:"y"`
}

// Experiment is a named experiment.
type Experiment struct {
	ID    string
	Run   func(context.Context, Options) (Table, error)
	Needs string // file or folder that it reads below Options.Data; "" = none
}

// List holds all experiments in the order of the report.
var List = []Experiment{
	{"kernel-features", FixedFeatures, ""},
	{"kernel-bits", FixedBits, ""},
	{"kernel-curve", ErrorCurve, ""},
	{"decay", Decay, ""},
	{"ridge", RidgeRegression, ""},
	{"digits", DigitsSVM, digitsFile},
	{"mmd", TwoSamplePower, ""},
	{"spectral", Spectral, ""},
	{"mnist", MNIST, "mnist"},
	{"phoneme", Phoneme, phonemeFile},
}

// add appends a row, judged if it has a window.
func (t *Table) add(r Row) {
	r.Pass = r.Window == nil || r.Ours >= r.Window.Low && r.Ours <= r.Window.High
	t.Rows = append(t.Rows, r)
}

func (t *Table) find(format string, args ...any) {
	t.Findings = append(t.Findings, fmt.Sprintf(format, args...))
}

// around is the window of a relative deviation from a published figure.
func around(v, relative float64) *Window {
	return &Window{Low: v * (1 - relative), High: v * (1 + relative)}
}

// mean95 returns the mean and the half width of its 95 % interval (Student).
func mean95(values []float64) (mean, half float64) {
	n := float64(len(values))
	mean = stat.Mean(values, nil)
	if n < 2 {
		return mean, 0
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: n - 1}.Quantile(0.975)
	return mean, t * stat.StdDev(values, nil) / math.Sqrt(n)
}

// slope returns the least-squares slope of y over x.
func slope(x, y []float64) float64 {
	_, b := stat.LinearRegression(x, y, nil, false)
	return b
}

// logs returns the natural logarithms.
func logs(v []float64) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Log(x)
	}
	return out
}

// pick returns quick or full as the options say.
func pick[T any](o Options, quick, full T) T {
	if o.Quick {
		return quick
	}
	return full
}
