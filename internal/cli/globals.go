package cli

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"bitcycle/internal/files"
	"bitcycle/kernels/gemm"
	"bitcycle/reports"
)

// globals are the flags that every command obeys.
type globals struct {
	Format  string   `help:"Output format: table, markdown, csv, json, latex or html (report: benchmark too); default: what the extension of --out says, else table." default:"" enum:",table,markdown,csv,json,latex,html,benchmark"`
	JSON    bool     `help:"Short for --format json." name:"json"`
	Out     string   `help:"Write the report to FILE (.txt, .md, .csv, .json, .tex, .html) instead of standard output." placeholder:"FILE"`
	Export  string   `help:"Also write every table as CSV to DIR, beside the rows of other reports that are there." placeholder:"DIR"`
	HTML    string   `help:"Also write the report as one page with pictures to FILE." name:"html" placeholder:"FILE"`
	SVG     string   `help:"Also write the pictures of the page to DIR, an SVG each." name:"svg" placeholder:"DIR"`
	Only    string   `help:"Write this table of the report alone." placeholder:"TABLE"`
	Wide    bool     `help:"Tables as wide as they are; otherwise they fit the terminal (80 columns when unknown, or $COLUMNS)."`
	Seed    int64    `help:"Seed of everything random; the same seed gives the same result." default:"1"`
	Set     []string `help:"Override a key of the machine, for example array.rows=16; may repeat." sep:"none" placeholder:"KEY=VALUE"`
	Workers int      `help:"Parallel workers; results do not depend on it." short:"j" default:"0" placeholder:"N"`
	Quiet   bool     `help:"No progress and no warnings on standard error."`
	Verbose bool     `help:"More about what happens on standard error, and every column of tables." short:"v"`
	Memory  string   `help:"Most memory that files, networks and matrices may claim, such as 8GiB; what claims more is refused. Default: half of the machine's, or of what the process may have." name:"max-memory" placeholder:"SIZE"`
	Largest []string `help:"Largest file that is read: SIZE, or of one kind: description=SIZE (1 MiB unless given), document=SIZE (16 MiB), table=SIZE (1 GiB), data=SIZE (4 GiB); may repeat." name:"max-file" sep:"none" placeholder:"[KIND=]SIZE"`
	Outside bool     `help:"Let machine and network files name other files outside their own folder (and, within the data folder, outside it)." name:"allow-outside"`
	Color   string   `help:"Colour: auto, always or never (NO_COLOR is obeyed)." default:"auto" enum:"auto,always,never"`
}

// extensions are the formats of files by their ends.
var extensions = map[string]string{".txt": "table", ".md": "markdown", ".markdown": "markdown", ".csv": "csv", ".json": "json", ".tex": "latex", ".html": "html", ".htm": "html"}

// resolve fills in what follows from other flags.
func (g *globals) resolve() error {
	if g.JSON {
		g.Format = "json"
	}
	if err := gemm.PathError(); err != nil {
		return err
	}
	if g.Workers < 0 {
		return fmt.Errorf("-j = %d: must be at least 1, or 0 for all processors", g.Workers)
	}
	if g.Workers == 0 {
		g.Workers = runtime.GOMAXPROCS(0)
	}
	if err := g.limits(); err != nil {
		return err
	}
	if g.Export != "" {
		if err := os.MkdirAll(g.Export, 0o755); err != nil {
			return fmt.Errorf("--export = %s: %w", g.Export, err)
		}
	}
	if s := g.SVG; s != "" {
		if err := os.MkdirAll(s, 0o755); err != nil {
			return fmt.Errorf("--svg = %s: %w", s, err)
		}
	}
	for _, file := range []struct{ flag, path string }{{"--out", g.Out}, {"--html", g.HTML}} { // before the work, not after it
		if _, err := os.Stat(filepath.Dir(file.path)); file.path != "" && err != nil {
			return fmt.Errorf("%s = %s: %w", file.flag, file.path, err)
		}
	}
	return nil
}

// leastMemory is what the program needs to read what it ships.
const leastMemory = 16 << 20

// limits sets what may be read.
func (g *globals) limits() error {
	for _, text := range g.Largest {
		if err := files.Limit(text); err != nil {
			return fmt.Errorf("--max-file = %w", err)
		}
	}
	if g.Memory != "" {
		bytes, err := files.ParseSize(g.Memory)
		if err != nil {
			return fmt.Errorf("--max-memory = %w", err)
		}
		if bytes < leastMemory {
			return fmt.Errorf("--max-memory = %s: must be at least %s, which the shipped network takes", g.Memory, files.Size(leastMemory))
		}
		files.SetMemory(bytes)
	}
	files.AllowOutside(g.Outside)
	return nil
}

// format is what the report is written as: what --format says, else what the extension
// of --out does.
func (g *globals) format() (string, error) {
	extension := strings.ToLower(filepath.Ext(g.Out))
	switch known := extensions[extension]; {
	case g.Format != "":
		return g.Format, nil
	case known != "":
		return known, nil
	case extension == "":
		return "table", nil
	}
	return "", fmt.Errorf("--out = %s: extension must be one of %s, or --format must say what to write", g.Out, strings.Join(slices.Sorted(maps.Keys(extensions)), ", "))
}

// origin is what the session's reports come from.
func (s *session) origin() reports.Origin {
	return reports.Origin{Command: s.report, Version: version(), Seed: s.Seed, Set: s.Set}
}

// write renders the document where and how the flags say.
func (s *session) write(doc *reports.Document) error {
	format, err := s.format()
	if err != nil {
		return input(err)
	}
	if s.Only != "" && !slices.Contains(doc.TableNames(), s.Only) {
		return input(fmt.Errorf("--only = %s: must be one of %s", s.Only, strings.Join(doc.TableNames(), ", ")))
	}
	if doc.Command == "" { // a stored result keeps the command that made it
		doc.Origin = s.origin()
	}
	if s.Export != "" {
		if _, err := doc.Export(s.Export); err != nil {
			return input(err)
		}
	}
	if s.HTML != "" {
		page := reports.Style{Format: "html"}
		if err := files.Write(s.HTML, func(w io.Writer) error { return doc.Write(w, page) }); err != nil {
			return input(err)
		}
		doc.Summary = append(doc.Summary, "wrote "+s.HTML)
	}
	if s.SVG != "" {
		said, err := reports.WriteFigures(s.SVG, doc.Figures())
		if err != nil {
			return input(err)
		}
		doc.Summary = append(doc.Summary, said...)
	}
	style := reports.Style{Format: format, Width: s.width(), Table: s.Only}
	s.hint(doc, &style)
	if s.Out == "" {
		style.Color = s.colored(s.stdout)
		return doc.Write(s.stdout, style)
	}
	style.Color = s.Color == "always"
	return input(files.Write(s.Out, func(w io.Writer) error { return doc.Write(w, style) }))
}

// hint names the tables that a format of one table leaves out.
func (s *session) hint(doc *reports.Document, style *reports.Style) {
	names := doc.TableNames()
	if s.Quiet || style.Format != "csv" || style.Table != "" || s.Export != "" || len(names) < 2 {
		return
	}
	fmt.Fprintf(s.stderr, "bitcycle: csv of %s; --only takes %s, --export DIR writes all\n", names[0], strings.Join(names[1:], ", "))
}

// width is how wide text may be: what --wide and -v lift, the terminal's, $COLUMNS, or
// 80 characters.
func (s *session) width() int {
	const unknown, least = 80, 40
	if s.Wide || s.Verbose {
		return 0
	}
	width := unknown
	if file, ok := s.stdout.(*os.File); ok && s.Out == "" && term.IsTerminal(int(file.Fd())) {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
			width = columns
		}
	} else if columns, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil {
		width = columns
	}
	return max(width, least)
}

func (s *session) colored(w io.Writer) bool {
	switch {
	case s.Color == "always":
		return true
	case s.Color == "never" || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb":
		return false
	}
	return isTerminal(w)
}

func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
