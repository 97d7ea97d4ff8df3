// Package archconfigs holds the machines, front ends and memory parts that
// bitcycle ships, one TOML file each, as package arch reads them.
package archconfigs

import "embed"

// Files holds NAME.toml for machines and dram/NAME.toml for memory parts.
//
//go:embed *.toml dram/*.toml
var Files embed.FS
