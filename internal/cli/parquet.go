//go:build !noparquet

package cli

import (
	"context"
	"io"

	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/parquet"
	"bitcycle/sim/sweep/store"
)

// saveParquet puts the results in the folder in another form. The tag noparquet builds a
// program without.
func saveParquet(folder *store.Folder, table *sweep.Table) error {
	return folder.Save(parquet.File, func(w io.Writer) error { return parquet.Write(w, table) })
}

// layersFile is the file of layers in a folder, which writeLayers writes.
const layersFile = parquet.LayersFile

func writeLayers(ctx context.Context, w io.Writer, table *sweep.Table) error {
	return parquet.WriteLayers(ctx, w, table)
}
