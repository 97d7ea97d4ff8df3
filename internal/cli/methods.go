package cli

import (
	"slices"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/quantizers"
	"bitcycle/quantizers/uniform"
)

// aboutFloat is what a report says where one of its methods is no quantization.
func aboutFloat(specs ...string) []string {
	if slices.Contains(specs, uniform.FloatInfo.Name) {
		return []string{evaluate.AboutFloat}
	}
	return nil
}

// parseMethod reads the method of -q for a subject and a machine.
func parseMethod(spec string, s *session, sub *subject, machine *arch.Accelerator) (quantizers.Method, error) {
	return evaluate.ParseMethod(spec, evaluate.MethodContext{Network: sub.network, Machine: machine, Seed: s.Seed, Workers: s.Workers})
}
