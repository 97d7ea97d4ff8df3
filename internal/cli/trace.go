package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"bitcycle/arch"
	"bitcycle/internal/files"
	"bitcycle/kernels/workload"
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

// trace runs the workload once more and writes its timeline, if --trace asks for it.
func (c runCmd) trace(ctx context.Context, machine *arch.Accelerator, w *workload.Workload, doc *reports.Document) error {
	if c.Trace == "" {
		return nil
	}
	lines := trace.Timelines{}
	result, err := sim.Run(ctx, machine, w, sim.Options{Trace: lines.Add, TraceTiles: traceTiles})
	if err != nil {
		return input(fmt.Errorf("--trace = %s: %w", c.Trace, err))
	}
	err = files.Write(c.Trace, func(to io.Writer) error {
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
