package cli

import (
	"fmt"
	"math"
	"os"

	"bitcycle/internal/files"
	"bitcycle/internal/proof"
	"bitcycle/internal/proof/golden"
	"bitcycle/internal/proof/validate"
	"bitcycle/reports"
)

type validateCmd struct {
	Rows   bool   `help:"Print every row, not only one line per source."`
	Golden string `help:"Folder of golden numbers (default: $BITCYCLE_GOLDEN, else shared/golden beside the repository, else those shipped)." placeholder:"DIR"`
}

// Help shows an example.
func (validateCmd) Help() string { return "Example: bitcycle validate --rows --format csv" }

// sourceResult is one source in JSON.
type sourceResult struct {
	Name        string      `json:"name"`
	Rows        int         `json:"rows"`
	Exact       int         `json:"exact"`
	MeanError   float64     `json:"mean_error"`
	MedianError float64     `json:"median_error"`
	P95Error    float64     `json:"p95_error"`
	WorstError  float64     `json:"worst_error"`
	WorstRow    string      `json:"worst_row"`
	Bar         string      `json:"bar"`
	Pass        bool        `json:"pass"`
	Note        string      `json:"note,omitempty"`
	Detail      []rowResult `json:"detail,omitempty"`
}

type rowResult struct {
	ID          string  `json:"id"`
	What        string  `json:"what"`
	Want        float64 `json:"want"`
	Got         float64 `json:"got"`
	Error       float64 `json:"error"`
	Exact       bool    `json:"exact"`
	Orientation bool    `json:"orientation,omitempty"`
}

// Run compares the models with golden and published numbers.
func (c validateCmd) Run(s *session) error {
	sources, err := c.sources()
	if err != nil {
		return input(err)
	}
	summary := &reports.Table{Title: "the models against golden and published numbers", Columns: []reports.Column{
		reports.Text("name", "source"), reports.Number("rows", "rows"), reports.Number("exact", "exact"),
		reports.Percent("mean_error", "mean [%]", 3), reports.Percent("median_error", "median [%]", 3), reports.Percent("p95_error", "p95 [%]", 2),
		reports.Percent("worst_error", "worst [%]", 2), reports.Text("worst_row", "worst row"), reports.Text("bar", "bar"), reports.Text("pass", "pass"),
	}}
	failed := 0
	for _, src := range sources {
		summary.Add(src.Name, src.Rows, src.Exact, src.MeanError, src.MedianError, src.P95Error, src.WorstError, worst(src), src.Bar, src.Pass)
		if src.Note != "" {
			summary.Notes = append(summary.Notes, src.Name+": "+src.Note)
		}
		if !src.Pass {
			failed++
		}
	}
	tables := []*reports.Table{summary}
	if c.Rows {
		tables = []*reports.Table{rowTable(sources), summary}
	} else {
		for i := range sources {
			sources[i].Detail = nil
		}
	}
	doc := &reports.Document{Tables: tables, Result: map[string]any{"sources": sources}}
	if err := s.write(doc); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d sources miss their bar", failed, len(sources))
	}
	return nil
}

func (c validateCmd) sources() ([]sourceResult, error) {
	dir := c.Golden
	if dir == "" {
		dir = files.Shared("BITCYCLE_GOLDEN", "golden")
	}
	if dir == "" {
		temporary, err := os.MkdirTemp("", "bitcycle-golden")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(temporary)
		if err := golden.Unpack(temporary); err != nil {
			return nil, err
		}
		dir = temporary
	}
	found, err := validate.Run(dir)
	if err != nil {
		return nil, err
	}
	vectors, err := proof.CheckVectors(dir)
	if err != nil {
		return nil, err
	}
	var out []sourceResult
	for _, src := range found {
		out = append(out, machineSource(src))
	}
	for _, v := range vectors {
		out = append(out, vectorSource(v))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: holds no golden numbers", dir)
	}
	return out, nil
}

func machineSource(src validate.Source) sourceResult {
	out := sourceResult{
		Name: src.Name, Rows: src.Rows, Exact: src.Exact, MeanError: src.MeanError, MedianError: src.MedianError,
		P95Error: src.P95Error, WorstError: src.WorstError, WorstRow: src.WorstRow, Bar: src.Bar, Pass: src.Pass, Note: src.Note,
	}
	for _, r := range src.Detail {
		out.Detail = append(out.Detail, rowResult{r.ID, r.What, r.Want, r.Got, finite(r.Error), r.Exact, r.Orientation})
	}
	return out
}

// vectorSource summarizes the golden vectors of a method; the error of a case
// is that of its worst number.
func vectorSource(v proof.Vectors) sourceResult {
	out := sourceResult{Name: v.Method + " vectors", Rows: len(v.Rows), Bar: "every case within its tolerance", Pass: true}
	for _, r := range v.Rows {
		if r.Exact {
			out.Exact++
		}
		out.MeanError += r.Error / float64(len(v.Rows))
		if r.Error >= out.WorstError {
			out.WorstError, out.WorstRow = r.Error, r.ID
		}
		what := r.Kind
		if !r.Pass {
			out.Pass = false
			what += ": " + r.Note
		}
		out.Detail = append(out.Detail, rowResult{ID: r.ID, What: what, Want: 0, Got: finite(r.Error), Error: finite(r.Error), Exact: r.Exact})
	}
	return out
}

// finite keeps JSON numbers representable.
func finite(x float64) float64 {
	if math.IsInf(x, 0) || math.IsNaN(x) {
		return math.MaxFloat64
	}
	return x
}

// worst names the worst row of a source that is not exact throughout.
func worst(src sourceResult) string {
	if src.Exact == src.Rows {
		return ""
	}
	if len(src.WorstRow) > 60 {
		return src.WorstRow[:57] + "..."
	}
	return src.WorstRow
}

func rowTable(sources []sourceResult) *reports.Table {
	t := &reports.Table{Title: "every row", Columns: []reports.Column{
		reports.Text("source", "source"), reports.Text("id", "id"), reports.Text("what", "what"),
		reports.Significant("want", "want", 8), reports.Significant("got", "got", 8), reports.Percent("error", "error [%]", 4),
		reports.Text("exact", "exact"), reports.Text("orientation", "orientation only"),
	}}
	for _, src := range sources {
		for _, r := range src.Detail {
			t.Add(src.Name, r.ID, r.What, r.Want, r.Got, r.Error, r.Exact, r.Orientation)
		}
	}
	return t
}
