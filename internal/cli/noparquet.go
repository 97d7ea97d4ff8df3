//go:build noparquet

package cli

import (
	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/store"
)

// saveParquet does nothing in a program without Parquet.
func saveParquet(*store.Folder, *sweep.Table) error { return nil }
