package evaluate

import (
	"bitcycle/arch"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
	"bitcycle/quantizers/autoq"
)

// SearchMachine returns a machine as searches of bit widths see it: priced by the
// cycle model, op by op as widths change.
func SearchMachine(m *arch.Accelerator) autoq.Machine { return searchMachine{m} }

type searchMachine struct{ of *arch.Accelerator }

// Name is the machine's name.
func (s searchMachine) Name() string { return s.of.Name }

// Price puts a network on the machine.
func (s searchMachine) Price(net *kernels.Network, widths []workload.LayerWidths, signed bool) (autoq.Cost, error) {
	c, err := newMachineCost(s.of, net, signed, widths)
	if err != nil {
		return nil, err
	}
	return c, nil
}

// Lanes is how many output channels the array takes in step.
func (s searchMachine) Lanes(depthwise bool) int {
	a, lanes := &s.of.Array, 1
	switch s.of.Engine {
	case arch.BitSerial:
		lanes = max(a.Rows, 1)
	case arch.Systolic, arch.Fusion:
		lanes = max(a.Cols, 1)
	}
	if depthwise && a.DepthwiseLanes > 0 {
		lanes = a.DepthwiseOf(lanes)
	}
	switch {
	case a.Sync == "lane":
		return 1
	case a.Sync == "group" && a.GroupSize > 0:
		return min(a.GroupSize, lanes)
	}
	return lanes
}
