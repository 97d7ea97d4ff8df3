package cli

import (
	"fmt"
	"io"
	"os"
	"runtime"

	"golang.org/x/term"

	"bitcycle/kernels/gemm"
	"bitcycle/reports"
)

// globals are the flags that every command obeys.
type globals struct {
	Format  string   `help:"Output format: table, markdown, csv or json." default:"table" enum:"table,markdown,csv,json"`
	JSON    bool     `help:"Short for --format json." name:"json"`
	Out     string   `help:"Write the report to FILE instead of standard output." placeholder:"FILE"`
	Seed    int64    `help:"Seed of everything random; the same seed gives the same result." default:"1"`
	Set     []string `help:"Override a key of the machine, for example array.rows=16; may repeat." sep:"none" placeholder:"KEY=VALUE"`
	Workers int      `help:"Parallel workers; results do not depend on it." short:"j" default:"0" placeholder:"N"`
	Quiet   bool     `help:"No progress and no warnings on standard error."`
	Verbose bool     `help:"More about what happens on standard error." short:"v"`
	Color   string   `help:"Colour: auto, always or never (NO_COLOR is obeyed)." default:"auto" enum:"auto,always,never"`
}

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
	return nil
}

// origin is what the session's reports come from.
func (s *session) origin() reports.Origin {
	return reports.Origin{Command: s.command, Version: version(), Seed: s.Seed}
}

// write renders the document where and how the flags say.
func (s *session) write(doc *reports.Document) error {
	doc.Origin = s.origin()
	if s.Out == "" {
		return doc.Write(s.stdout, s.Format, s.colored(s.stdout))
	}
	file, err := os.Create(s.Out)
	if err != nil {
		return input(err)
	}
	if err := doc.Write(file, s.Format, s.Color == "always"); err != nil {
		file.Close()
		return err
	}
	return file.Close()
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
