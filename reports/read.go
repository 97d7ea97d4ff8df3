package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind makes the tables of a result that a command keeps in objects of its own; ok is
// false for results of other kinds.
type Kind func(result json.RawMessage) (tables []*Table, ok bool, err error)

// Read makes a document of the JSON that a command wrote to the file of this name, to be
// drawn anew. Its origin, title, answer and pictures are those of the command; kinds are
// tried before what this package knows. What files alone have is there as far as JSON has
// it. Errors begin with the name.
func Read(name string, text []byte, kinds ...Kind) (*Document, error) {
	var e storedEnvelope
	if err := decode(text, &e); err != nil {
		return nil, fmt.Errorf("%s%w", name, located(text, err))
	}
	doc, err := e.document(kinds)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return doc, nil
}

// document draws what an envelope holds.
func (e *storedEnvelope) document(kinds []Kind) (*Document, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	if Has(e.Result, "results", "tables") {
		return e.together(kinds)
	}
	tables, err := readResult(e.Result, append(kinds, readRun, readFrontEnds))
	if err != nil {
		return nil, err
	}
	if len(e.WallClock) > 0 {
		clock, err := readResult(e.WallClock, kinds)
		if err != nil {
			return nil, err
		}
		for _, t := range clock {
			t.WallClock = true
		}
		tables = append(tables, clock...)
	}
	doc := &Document{
		Origin: Origin{Command: e.Command, Version: e.Version, Seed: e.Seed}, Title: e.Title, Answer: e.Answer, Summary: e.Summary,
		Tables: tables, Charts: drawable(e.Charts, tables), Assumptions: e.Assumptions, Identity: e.Identity, Result: e.Result,
	}
	doc.regroup()
	if len(e.WallClock) > 0 {
		doc.WallClock = e.WallClock
	}
	for i := range doc.Identity {
		doc.Identity[i].Value = cell(doc.Identity[i].Value)
	}
	return doc, nil
}

// regroup makes groups of the assumptions that begin with a machine of the comparison, or
// with one of several front ends, as they were before JSON listed them.
func (d *Document) regroup() {
	var rest []string
	var groups []Group
	for table, key := range map[string]string{"compare": "machine", "rates": "frontend"} {
		if t := d.named(table); t != nil {
			for _, name := range t.valuesOf(key) {
				groups = append(groups, Group{Name: name})
			}
		}
	}
	if len(groups) == 0 {
		return
	}
	for _, line := range d.Assumptions {
		i := slices.IndexFunc(groups, func(g Group) bool { return strings.HasPrefix(line, g.Name+": ") })
		if i < 0 {
			rest = append(rest, line)
			continue
		}
		groups[i].Lines = append(groups[i].Lines, line[len(groups[i].Name)+2:])
	}
	d.Assumptions = rest
	d.ByMachine = slices.DeleteFunc(groups, func(g Group) bool { return len(g.Lines) == 0 })
}

// storedEnvelope is an envelope whose result is not decoded yet.
type storedEnvelope struct {
	Schema      int             `json:"schema"`
	Command     string          `json:"command"`
	Version     string          `json:"version"`
	Seed        int64           `json:"seed"`
	Title       string          `json:"title"`
	Answer      []string        `json:"answer"`
	Summary     []string        `json:"summary"`
	Identity    []Field         `json:"identity"`
	Assumptions []string        `json:"assumptions"`
	Result      json.RawMessage `json:"result"`
	WallClock   json.RawMessage `json:"wall_clock"`
	Charts      []Chart         `json:"charts"`
}

// check finds fault with what is no envelope.
func (e *storedEnvelope) check() error {
	switch {
	case e.Schema == 0 || e.Version == "" || len(e.Result) == 0:
		return errors.New("no result of bitcycle: want what a command writes with --json, an object with the keys schema, command, version and result")
	case e.Schema > SchemaVersion:
		return fmt.Errorf("schema = %d: this bitcycle reads schemas up to %d", e.Schema, SchemaVersion)
	}
	return nil
}

// together draws results that were side by side.
func (e *storedEnvelope) together(kinds []Kind) (*Document, error) {
	var r struct {
		Results []struct {
			Name string `json:"name"`
			storedEnvelope
		} `json:"results"`
	}
	if err := decode(e.Result, &r); err != nil {
		return nil, fmt.Errorf("result%w", located(nil, err))
	}
	parts := make([]Stored, len(r.Results))
	for i := range r.Results {
		doc, err := r.Results[i].document(kinds)
		if err != nil {
			return nil, fmt.Errorf("results[%d]: %w", i, err)
		}
		parts[i] = Stored{r.Results[i].Name, doc}
	}
	doc := Together(parts)
	doc.Origin = Origin{Command: e.Command, Version: e.Version, Seed: e.Seed}
	return doc, nil
}

// readResult makes the tables of a result: of the first kind that knows it, else of the
// rows that it has.
func readResult(result json.RawMessage, kinds []Kind) ([]*Table, error) {
	for _, kind := range kinds {
		tables, ok, err := kind(result)
		if err != nil {
			return nil, fmt.Errorf("result%w", located(nil, err))
		}
		if ok {
			return tables, nil
		}
	}
	return ReadTables(result)
}

// decode reads JSON with numbers as they are written.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}

// Has tells whether a result is an object with all of the keys.
func Has(result json.RawMessage, keys ...string) bool {
	var object map[string]json.RawMessage
	if json.Unmarshal(result, &object) != nil {
		return false
	}
	return !slices.ContainsFunc(keys, func(key string) bool { return object[key] == nil })
}

// located says where in a text its JSON is wrong, for behind a name: ":2:7: no JSON".
func located(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && int(syntax.Offset) <= len(text):
		before := text[:max(0, syntax.Offset-1)]
		line := 1 + bytes.Count(before, []byte("\n"))
		return fmt.Errorf(":%d:%d: no JSON: %w", line, len(before)-bytes.LastIndexByte(before, '\n'), err)
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf(": %s is a %s: must be of type %s", kind.Field, kind.Value, kind.Type)
	case errors.As(err, &kind):
		return fmt.Errorf(": no result of bitcycle: a %s in place of an object", kind.Value)
	}
	return fmt.Errorf(": no JSON: %w", err)
}

func readRun(result json.RawMessage) ([]*Table, bool, error) {
	if !Has(result, "totals", "layers", "figures") {
		return nil, false, nil
	}
	var r RunResult
	if err := json.Unmarshal(result, &r); err != nil {
		return nil, true, err
	}
	return runTables(&r), true, nil
}

// frontEndsResult is the "result" of mimo in JSON.
type frontEndsResult struct {
	FrontEnd string         `json:"frontend"`         // names of all
	Rows     []frontEndRow  `json:"rows"`             // points of the curves
	Costs    []frontEndCost `json:"costs"`            // one for each precoder of each front end
	Needed   []neededRow    `json:"needed,omitempty"` // with --target: the ratio at which each reaches the rate
}

func readFrontEnds(result json.RawMessage) ([]*Table, bool, error) {
	if !Has(result, "frontend", "rows", "costs") {
		return nil, false, nil
	}
	var r frontEndsResult
	if err := json.Unmarshal(result, &r); err != nil {
		return nil, true, err
	}
	for i := range r.Costs {
		if c := &r.Costs[i]; c.FrontEndResult == nil || len(c.Stages) < 2 || len(c.Power["fom"]) == 0 {
			return nil, true, fmt.Errorf("costs[%d] has no stages or no power", i)
		}
	}
	return frontEndTables(&r), true, nil
}

// drawable are the pictures whose tables are there, by names that they may have in a page.
// A picture of a table that files alone have is drawn of one with the same axes.
func drawable(charts []Chart, tables []*Table) []Chart {
	names := (&Document{Tables: tables}).TableNames()
	var out []Chart
	for _, c := range charts {
		least := map[string]int{"points": 2, "curves": 2, "roofline": 3, "stack": 1}[c.Kind]
		if least == 0 || len(c.Axes) < least || len(c.Label) == 0 {
			continue
		}
		at := slices.Index(names, c.Table)
		if at < 0 || !tables[at].draws(&c) {
			at = slices.IndexFunc(tables, func(t *Table) bool { return t.draws(&c) })
		}
		if at < 0 {
			continue
		}
		c.Table = names[at]
		out = append(out, c)
	}
	return out
}

// draws tells whether files of the table have the first axes of a picture, and what
// names its rows.
func (t *Table) draws(c *Chart) bool {
	files := t.files()
	has := func(key string) bool {
		return slices.ContainsFunc(files.Columns, func(c Column) bool { return c.Key == key })
	}
	return has(c.Axes[0].Key) && (len(c.Axes) == 1 || has(c.Axes[1].Key)) && has(c.Label[0])
}
