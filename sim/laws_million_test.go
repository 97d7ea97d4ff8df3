//go:build laws

package sim

const lawDraws = 1_000_000

var giants = map[string]bool{}
