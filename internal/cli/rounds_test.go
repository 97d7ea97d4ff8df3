//go:build !long

package cli

// rounds is how often disturbed sweeps are repeated; the tag long makes it 50.
const rounds = 5
