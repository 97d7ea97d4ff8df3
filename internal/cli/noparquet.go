//go:build noparquet

package cli

import (
	"context"
	"io"

	"bitcycle/sim/sweep"
	"bitcycle/sim/sweep/store"
)

// saveParquet does nothing in a program without Parquet.
func saveParquet(*store.Folder, *sweep.Table) error { return nil }

// layersFile is "" where there are no files of layers.
const layersFile = ""

func writeLayers(context.Context, io.Writer, *sweep.Table) error { return nil }
