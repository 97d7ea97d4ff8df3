package cli

import (
	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/quantizers"
)

// parseMethod reads the method of -q for a subject and a machine.
func parseMethod(spec string, s *session, sub *subject, machine *arch.Accelerator) (quantizers.Method, error) {
	return evaluate.ParseMethod(spec, evaluate.MethodContext{Network: sub.network, Machine: machine, Seed: s.Seed, Workers: s.Workers})
}
