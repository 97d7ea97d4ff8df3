// Package archconfigs holds the machines, front ends and memory parts that
// bitcycle ships, one TOML file each, as package arch reads them.
package archconfigs

import "embed"

// Files holds NAME.toml for machines, frontends/NAME.toml for front ends and
// dram/NAME.toml for memory parts.
//
//go:embed *.toml dram/*.toml frontends/*.toml
var Files embed.FS
