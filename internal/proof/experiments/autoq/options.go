package autoq

import (
	"runtime"
	"slices"
)

// Options shape an experiment.
type Options struct {
	Subject  *Subject
	Machines []string // nil = haq-bismo-cloud, haq-bismo-edge and bitfusion-eyeriss-45nm
	Methods  []string // nil = all
	Seed     uint64   // the first of the agents' seeds
	Workers  int      // searches at a time; 0 = as many as processors
	// Folder keeps what is done. A run that finds its own there goes on. "" = none.
	Folder string
	// Progress is called with what is done and how far it is. nil = silence.
	Progress func(what string, done, total int)
}

func (o *Options) step(what string, done, total int) {
	if o.Progress != nil {
		o.Progress(what, done, total)
	}
}

func (o *Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}

func (o *Options) machines() []string {
	if o.Machines != nil {
		return o.Machines
	}
	return []string{"haq-bismo-cloud", "haq-bismo-edge", "bitfusion-eyeriss-45nm"}
}

func (o *Options) methods() []string {
	if o.Methods != nil {
		return o.Methods
	}
	return append(slices.Clone(Agents), Allocators...)
}

// Agents are the algorithms that learn by episodes, in the order of reports.
// Allocators are those that go by sensitivities.
var (
	Agents     = []string{"haq", "haq+", "flat", "autoq", "autoq-plain", "autoq+"}
	Allocators = []string{"uniform", "hawq", "greedy", "layer", "kernel", "tile", "aware"}
)

func learns(algorithm string) bool { return slices.Contains(Agents, algorithm) }
