package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"bitcycle/internal/files"
	"bitcycle/kernels/dataset"
	"bitcycle/quantizers/rff"
	"bitcycle/quantizers/rff/learn"
	"bitcycle/quantizers/rff/table"
	"bitcycle/reports"
)

// features encodes the points of a data set by quantized random Fourier features.
func (c quantizeCmd) features(ctx context.Context, s *session, args string) error {
	scheme, m, err := rff.ParseScheme(c.Method, args)
	if err != nil {
		return input(err)
	}
	data, err := c.points(ctx)
	if err != nil {
		return input(err)
	}
	job := rff.Job{Scheme: scheme, Features: m, Kernel: c.Kernel, Gamma: c.Gamma, Seed: uint64(s.Seed), Workers: s.Workers, Single: c.Single}
	encoding, err := job.Encode(data.X)
	if err != nil {
		return input(err)
	}
	var held *learn.Holdout
	if c.Learn != "no" {
		if held, err = learn.HoldOut(data, &encoding.Encoder, c.Learn); err != nil {
			return input(fmt.Errorf("--learn %s: %w", c.Learn, err))
		}
	}
	return s.writeSaved(reports.Features(s.origin(), c.Table, encoding, held), c.Save, func() error {
		return files.Write(c.Save, func(w io.Writer) error { return encoding.Codes.Write(w, encoding.Recipe()) })
	})
}

// points reads the table, or the training part of a folder in the layout of MNIST.
func (c quantizeCmd) points(ctx context.Context) (data *table.Table, err error) {
	path := dataset.Resolve(c.Table)
	if info, bad := os.Stat(path); bad == nil && info.IsDir() {
		data, err = table.OpenImages(ctx, path, "train", 0)
	} else {
		data, err = table.Open(ctx, path, table.Options{Label: c.Label})
	}
	if err == nil && c.Standardise {
		table.FitScaler(data.X).Apply(data.X)
	}
	return data, err
}
