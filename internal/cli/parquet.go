//go:build !noparquet

package cli

import (
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
