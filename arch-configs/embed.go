// Package archconfigs holds the machines, front ends, memory parts and sweeps that
// bitcycle ships, one TOML file each, as package arch reads them.
package archconfigs

import "embed"

// Files holds NAME.toml for machines, frontends/NAME.toml for front ends,
// dram/NAME.toml for memory parts, sweeps/NAME.toml for sweeps, measured/NAME.csv for
// figures that others measured (go test ./internal/proof/silicon -update), and validated.csv: what
// `validate` finds for each machine, written by go test ./internal/proof/validate -update.
//
//go:embed *.toml dram/*.toml frontends/*.toml sweeps/*.toml measured/*.csv validated.csv
var Files embed.FS
