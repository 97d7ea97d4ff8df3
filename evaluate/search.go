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
	m := s.of
	if depthwise && m.Array.DepthwiseLanes > 0 {
		return m.Array.DepthwiseLanes
	}
	switch m.Engine {
	case "bitserial":
		if m.Array.Sync == "lane" {
			return 1
		}
		if m.Array.Sync == "group" && m.Array.GroupSize > 0 {
			return min(m.Array.GroupSize, m.Array.Rows)
		}
		return max(m.Array.Rows, 1)
	case "systolic", "fusion":
		return max(m.Array.Cols, 1)
	}
	return 1
}
