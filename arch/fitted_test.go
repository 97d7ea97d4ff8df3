package arch

import (
	"slices"
	"testing"
)

// Constants that were found on measured rows are known by their sources, wherever these
// stand: beside the value, in its table, or in the list of sources.
func TestFitted(t *testing.T) {
	for machine, want := range map[string][]string{
		"cortex-m4-x-cube-ai-10": {"energy.mac", "software.cycles_per_instruction", "software.dense_instructions"},
		"gap9-ne16":              {"array.fill_cycles", "energy.idle_mw", "energy.mac"},
		"gemmini-default": {
			"array.pair_cycles", "host.trial_cycles", "memory.cache.held_cycles", "memory.cache.miss_cycles", "memory.cache.uneven", "memory.main",
			"memory.requests.base_bytes", "memory.requests.read_cycles", "memory.requests.write_cycles",
		},
		"tpu-v1": nil,
	} {
		a, err := Load(machine, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Fitted(); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", machine, got, want)
		}
	}
}
