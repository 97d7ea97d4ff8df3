//go:build !laws

package stepped

// twinDraws is how many products both machines run; the build tag laws makes it a million.
const twinDraws = 10_000
