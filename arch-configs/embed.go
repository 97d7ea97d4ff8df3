// Package archconfigs holds the machines, front ends, memory parts and sweeps that
// bitcycle ships, one TOML file each, as package arch reads them.
package archconfigs

import "embed"

// Files holds NAME.toml for machines, frontends/NAME.toml for front ends,
// dram/NAME.toml for memory parts and sweeps/NAME.toml for sweeps.
//
//go:embed *.toml dram/*.toml frontends/*.toml sweeps/*.toml
var Files embed.FS
