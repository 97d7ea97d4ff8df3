package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"bitcycle/internal/files"
	"bitcycle/reports"
	"bitcycle/reports/trace"
	"bitcycle/sim"
)

// traceTiles is the most tiles of a layer that a trace has: viewers hold all of it.
const traceTiles = 1 << 18

// checkTrace finds fault with --trace before the work, not after it.
func (c runCmd) checkTrace() error {
	if c.Trace == "" {
		return nil
	}
	if c.Stepped {
		return errors.New("--trace and --stepped do not go together: a trace is of the fast clock")
	}
	if _, err := trace.Open(filepath.Ext(c.Trace), io.Discard); err != nil {
		return fmt.Errorf("--trace = %s: %w", c.Trace, err)
	}
	return nil
}

// traced are the options of a pricing whose timelines --trace asks for.
func (c runCmd) traced(lines trace.Timelines) sim.Options {
	if c.Trace == "" {
		return sim.Options{}
	}
	return sim.Options{Trace: lines.Add, TraceCalls: lines.AddCalls, TraceTiles: traceTiles}
}

// trace writes the timelines of a pricing, if --trace asks for them.
func (c runCmd) trace(result *sim.Result, lines trace.Timelines, doc *reports.Document) error {
	if c.Trace == "" {
		return nil
	}
	err := files.Write(c.Trace, func(to io.Writer) error {
		sink, err := trace.Open(filepath.Ext(c.Trace), to)
		if err != nil {
			return err
		}
		return trace.Write(sink, result, lines)
	})
	if err != nil {
		return input(err)
	}
	doc.Summary = append(doc.Summary, "wrote "+c.Trace)
	return nil
}
