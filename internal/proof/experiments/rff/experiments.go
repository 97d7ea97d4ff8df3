// Package rff repeats the experiments on quantized random Fourier
// features of Zhang, Kannan, Cloninger, Saab (arXiv 2106.02614) with the
// settings of the authors' published notebooks, and adds what they leave out:
// error against stored bits, image and table classification at equal bits.
//
// Every experiment is a function from [Options] to a [Table]: rows of our figure
// beside the paper's with an acceptance window where there is one, curves for
// plots, and findings in words, losses included.
package rff

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"bitcycle/internal/proof"
)

// Options say how thorough an experiment is.
type Options struct {
	Quick bool   // seconds instead of minutes: fewer draws and sizes
	Seed  uint64 // of everything random
	Data  string // folder of the data sets, with mnist/ and tabular/ in it
}

// Table is the outcome of one experiment.
type Table struct {
	ID       string
	Title    string
	Protocol string  // sizes and settings
	Metric   string  // what the figures are
	Better   float64 // 1: more of it is better, −1: less; 0: several metrics, not comparable
	Rows     []Row
	Plots    []Plot
	Findings []string
}

// Row is one figure: ID is the setting, What the scheme, Want the paper's figure
// where there is one.
type Row struct {
	proof.Row
	Features  int     // computed per point, m
	Bits      float64 // stored, by the paper's count
	Published bool    // the paper gives Want
	Derived   bool    // a slope or quotient of other rows
}

// figure is the row of a scheme in a setting.
func figure(setting, scheme string) Row { return Row{Row: proof.Row{ID: setting, What: scheme}} }

// coded is the row of a scheme on m features that are stored in bits a point.
func coded(setting, scheme string, m int, bits float64) Row {
	r := figure(setting, scheme)
	r.Features, r.Bits = m, bits
	return r
}

// paper sets the paper's figure.
func (r *Row) paper(want float64) { r.Want, r.Published = want, true }

// measured sets our figure and the half width of its 95 % interval.
func (r *Row) measured(got, half float64) { r.Got, r.CI95 = got, [2]float64{got - half, got + half} }

// Half is half the width of the 95 % interval; 0 for a single draw.
func (r *Row) Half() float64 { return (r.CI95[1] - r.CI95[0]) / 2 }

// Plot is a set of curves over common axes.
type Plot struct {
	Title  string
	XLabel string
	YLabel string
	LogX   bool
	LogY   bool
	Series []Series
}

// Series is one curve.
type Series struct {
	Name string
	X    []float64
	Y    []float64
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

// add appends a row, judged if it has a bar.
func (t *Table) add(r Row) {
	r.Verdict = proof.Counts
	if r.Bar != nil {
		r.Row = r.Judge(r.Bar)
	}
	t.Rows = append(t.Rows, r)
}

func (t *Table) find(format string, args ...any) {
	t.Findings = append(t.Findings, fmt.Sprintf(format, args...))
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
