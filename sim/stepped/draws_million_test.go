//go:build laws

package stepped

const twinDraws = 1_000_000
