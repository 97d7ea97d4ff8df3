//go:build noproof

package cli

import "bitcycle/reports"

// proofCommands is empty in a program without the proof wing.
type proofCommands struct{}

// papers is empty in a program without the proof wing.
func papers() []reports.Listed { return nil }

// storedKinds is empty in a program without the proof wing.
var storedKinds []reports.Kind
