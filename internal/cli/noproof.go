//go:build noproof

package cli

// proofCommands is empty in a program without the proof wing.
type proofCommands struct{}
