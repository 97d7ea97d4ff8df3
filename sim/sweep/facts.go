package sweep

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	archconfigs "bitcycle/arch-configs"
	"bitcycle/internal/files"
	"bitcycle/internal/strict"
)

// Facts are figures that others measured, from a CSV file with a row a measurement:
//
//	machine,workload,w,latency_per_image_s,energy_per_image_pj,source
//
// A column is a key, whose value a point must have where the cell is filled, a figure of
// [Metrics] in its unit, or the source of the row.
type Facts struct {
	Path    string
	Keys    []string
	Metrics []int // places in [Metrics]
	hash    string
	rows    []fact
}

// fact is a row; a key that is "" is any.
type fact struct {
	keys   []string
	values []float64 // by metrics, NaN where the cell is empty
	source string
}

// columnSource says where a row comes from.
const columnSource = "source"

// maxFacts bounds the rows of a file.
const maxFacts = 100_000

// loadFacts reads shipped facts by name, or a CSV file.
func loadFacts(ctx context.Context, nameOrPath string) (*Facts, error) {
	if !strings.ContainsAny(nameOrPath, `/\.`) {
		text, err := archconfigs.Files.ReadFile("measured/" + nameOrPath + ".csv")
		if err == nil {
			return parseFacts(nameOrPath+".csv", string(text))
		}
		return nil, fmt.Errorf("no measured figures %q: want a CSV file or one of %s", nameOrPath, strings.Join(shippedFacts(), ", "))
	}
	text, err := files.Read(ctx, nameOrPath, files.Document)
	if err != nil {
		return nil, err
	}
	return parseFacts(nameOrPath, string(text))
}

func shippedFacts() []string {
	var names []string
	entries, err := archconfigs.Files.ReadDir("measured")
	if err != nil {
		panic("sweep: " + err.Error())
	}
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".csv"))
	}
	return names
}

// parseFacts reads the text of a file; the error tells all that is wrong with it.
func parseFacts(path, text string) (*Facts, error) {
	in := csv.NewReader(files.Text(strings.NewReader(text)))
	head, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: no header of columns: %w", path, err)
	}
	f := &Facts{Path: path, hash: idOf([]byte(text)).String()}
	kinds, errs := f.readHead(head)
	for len(errs) == 0 && len(f.rows) < maxFacts {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		line, _ := in.FieldPos(0)
		if err := f.readRow(kinds, row); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", path, line, err))
		}
	}
	if len(errs) == 0 && len(f.rows) == maxFacts {
		errs = append(errs, fmt.Errorf("%s: at most %d rows", path, maxFacts-1))
	}
	return f, strict.Join(errs)
}

// readHead sorts columns into keys, figures and the source: what a column is, by its
// place below [Facts.Keys] or [Facts.Metrics].
func (f *Facts) readHead(head []string) (kinds []column, errs []error) {
	for i, name := range head {
		m, err := metricOf(name)
		c := column{name: name, metric: -1}
		switch {
		case slices.Contains(head[:i], name):
			errs = append(errs, fmt.Errorf("%s:1: %s: given twice", f.Path, name))
		case name == columnSource:
		case err == nil:
			c.metric = m
			f.Metrics = append(f.Metrics, m)
		case name == "":
			errs = append(errs, fmt.Errorf("%s:1: column %d has no name", f.Path, i+1))
		default:
			c.key = true
			f.Keys = append(f.Keys, name)
		}
		kinds = append(kinds, c)
	}
	if len(f.Metrics) == 0 {
		errs = append(errs, fmt.Errorf("%s:1: no column of a figure: want one of %s", f.Path, strings.Join(metricKeys(), ", ")))
	}
	return kinds, errs
}

func (f *Facts) readRow(kinds []column, row []string) error {
	var one fact
	for i, c := range kinds {
		switch {
		case c.key:
			one.keys = append(one.keys, row[i])
		case c.metric >= 0 && row[i] == "":
			one.values = append(one.values, math.NaN())
		case c.metric >= 0:
			x, err := strconv.ParseFloat(row[i], 64)
			if err != nil || !(x > 0) || math.IsInf(x, 0) {
				return fmt.Errorf("%s = %q: want a number above 0, or nothing", c.name, row[i])
			}
			one.values = append(one.values, x)
		default:
			one.source = row[i]
		}
	}
	f.rows = append(f.rows, one)
	return nil
}

// check sees that each key is one of the sweep.
func (f *Facts) check(p *Plan) error {
	var errs []error
	for _, key := range f.Keys {
		if !slices.ContainsFunc(p.settings, func(s setting) bool { return s.key == key }) {
			errs = append(errs, fmt.Errorf("%s:1: %s: no key of the sweep %s and no figure: want one of its keys, a figure, or %s", f.Path, key, p.Spec.Name, columnSource))
		}
	}
	return strict.Join(errs)
}

// of is the mean of the rows that are of a point, whose values get gives, how many they
// are, and where they come from.
func (f *Facts) of(get func(key string) string) (values []float64, rows int, source string) {
	sum, count := make([]float64, len(f.Metrics)), make([]float64, len(f.Metrics))
	var sources []string
	for i := range f.rows {
		one := &f.rows[i]
		if !one.is(f.Keys, get) {
			continue
		}
		rows++
		for k, x := range one.values {
			if !math.IsNaN(x) {
				sum[k], count[k] = sum[k]+x, count[k]+1
			}
		}
		if one.source != "" && !slices.Contains(sources, one.source) {
			sources = append(sources, one.source)
		}
	}
	for k := range sum {
		sum[k] /= count[k] // none is NaN
	}
	return sum, rows, strings.Join(sources, "; ")
}

// is tells whether a row is of a point.
func (one *fact) is(keys []string, get func(key string) string) bool {
	for k, want := range one.keys {
		if want != "" && !(Condition{op: "==", value: want}).holds(get(keys[k])) {
			return false
		}
	}
	return true
}
