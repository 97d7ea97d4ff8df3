package reports

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Formats lists the output formats of a Document.
var Formats = []string{"table", "markdown", "csv", "json", "latex", "html"}

// Origin is what made a report.
type Origin struct {
	Command, Version string
	Seed             int64
	Set              []string // keys of the machine that the command line overrides
}

// String returns "seed 1, bitcycle v1.2".
func (o Origin) String() string { return fmt.Sprintf("seed %d, bitcycle %s", o.Seed, o.Version) }

// Document is everything one command has to say, the answer first.
type Document struct {
	Origin
	Title  string
	Answer []string // lines
	Tables []*Table // where one table must do, it is the first
	Charts []Chart  // of a page
	// Summary are lines below the tables.
	Summary []string
	// Assumptions are what all of it rests on, ByMachine what the figures of one
	// machine do.
	Assumptions []string
	ByMachine   []Group
	Attachments []Attachment // of a page
	// Identity tells the rows of this report's files from those of other reports,
	// beside the identifying columns of the tables.
	Identity []Field
	Result   any // marshalled as "result" in JSON; nil marshals the tables' rows
	// WallClock is marshalled as "wall_clock" in JSON, beside the result: what differs
	// from run to run, for comparisons to drop. nil marshals the rows of the tables
	// that are marked so.
	WallClock any
}

// Group is lines about one thing.
type Group struct {
	Name  string
	Lines []string
}

// Field is a value with the key of its column.
type Field struct {
	Key   string `json:"key"`   // of the column
	Value any    `json:"value"` // the same in every row
}

// Style says how a document is written.
type Style struct {
	Format string // one of Formats
	Color  bool
	Width  int    // of text in characters; 0 is no limit
	Table  string // write this table alone; "" writes all, or the first where one must do
}

// Write renders the document.
func (d *Document) Write(w io.Writer, s Style) error {
	if s.Table != "" {
		t, err := d.table(s.Table)
		if err != nil {
			return err
		}
		one := *d
		one.Title, one.Answer, one.Summary, one.Tables, one.Charts = "", nil, nil, []*Table{t.visible()}, nil
		if s.Format != "json" {
			one.Assumptions, one.ByMachine = nil, nil
		}
		d = &one
	}
	out := &sticky{w: w}
	switch s.Format {
	case "table":
		d.writeText(out, s)
	case "markdown":
		d.writeMarkdown(out)
	case "latex":
		d.writeLaTeX(out)
	case "html":
		return d.writeHTML(out)
	case "csv":
		if len(d.Tables) == 0 {
			return fmt.Errorf("%s has no table to write as csv", d.Command)
		}
		return d.Tables[0].writeCSV(w, d.Identity)
	case "json":
		if s.Table != "" {
			d.Result = nil
		}
		return d.writeJSON(w)
	default:
		return fmt.Errorf("format = %q: must be one of %s", s.Format, strings.Join(Formats, ", "))
	}
	return out.err
}

// TableNames names the tables, the first one first: as they are called, else by the
// words of their titles.
func (d *Document) TableNames() []string {
	names := make([]string, len(d.Tables))
	for i, t := range d.Tables {
		name := t.Name
		if name == "" {
			name = slug(t.Title)
		}
		names[i] = name
		for n := 2; slices.Contains(names[:i], names[i]); n++ {
			names[i] = fmt.Sprintf("%s-%d", name, n)
		}
	}
	return names
}

// slug makes a file's name of a title's first words.
func slug(title string) string {
	const most = 6
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return !('a' <= r && r <= 'z' || '0' <= r && r <= '9') })
	if len(words) == 0 {
		return "table"
	}
	return strings.Join(words[:min(most, len(words))], "-")
}

func (d *Document) table(name string) (*Table, error) {
	if i := slices.Index(d.TableNames(), name); i >= 0 {
		return d.Tables[i], nil
	}
	return nil, fmt.Errorf("table = %q: must be one of %s", name, strings.Join(d.TableNames(), ", "))
}

// named is the table of a name, nil if there is none.
func (d *Document) named(name string) *Table {
	if t, err := d.table(name); err == nil {
		return t
	}
	return nil
}

// shown are the tables that people see.
func (d *Document) shown() []*Table {
	return slices.DeleteFunc(slices.Clone(d.Tables), func(t *Table) bool { return t.FilesOnly })
}

// sticky keeps the first error of a writer and writes nothing after it.
type sticky struct {
	w   io.Writer
	err error
}

func (s *sticky) printf(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format, args...)
	}
}
