package cli

import (
	"context"
	"fmt"
	"io"

	"bitcycle/internal/files"
	"bitcycle/kernels/dataset"
	"bitcycle/quantizers/lplr"
	"bitcycle/quantizers/lplr/matrix"
	"bitcycle/reports"
)

// matrices compresses every matrix of a file.
func (c quantizeCmd) matrices(ctx context.Context, s *session, args string) error {
	job, err := lplr.ParseJob(c.Method, args)
	if err != nil {
		return input(err)
	}
	job.BitsPerEntry, job.Rank, job.BitsL, job.BitsR, job.Basis, job.Seed = c.Bits, c.Rank, c.BitsL, c.BitsR, lplr.Basis(c.Basis), s.Seed
	all, err := matrix.Load(ctx, dataset.Resolve(c.Matrix))
	if err != nil {
		return input(err)
	}
	s.warn(c.Matrix, all[0].Note)
	var compressed []*lplr.Compressed
	var stored []lplr.Stored
	for _, m := range all {
		f, err := job.Compress(m.Name, m.A)
		if err != nil {
			return input(fmt.Errorf("%s: %w", m.Name, err))
		}
		compressed, stored = append(compressed, f), append(stored, f.Stored)
	}
	return s.writeSaved(reports.Factors(s.origin(), c.Matrix, compressed), c.Save, func() error {
		return files.Write(c.Save, func(w io.Writer) error { return lplr.Write(w, stored) })
	})
}
