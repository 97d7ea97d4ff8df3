//go:build long

package cli

const rounds = 50
