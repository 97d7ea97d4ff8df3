module bitcycle/tools/parquet

go 1.26.0
