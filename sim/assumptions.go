package sim

import (
	"cmp"
	"fmt"
	"strings"
)

// assumptions lists the choices and constants behind the numbers. What memory charges
// is told by the memory system itself.
func (m *machine) assumptions() []string {
	acc := m.acc
	list := []string{fmt.Sprintf("machine %s: batch %d, clock %.4g MHz, output channels synchronised per %s, order %s",
		acc.Name, max(acc.Batch, 1), acc.ClockHz/1e6, cmp.Or(acc.Array.Sync, "tile"), cmp.Or(acc.Array.Order, "inorder"))}
	list = append(list, m.memory.Assumptions()...)
	if d := acc.Energy.DRAM; !m.energy.ClosedLoop() {
		list = append(list, fmt.Sprintf("DRAM energy %.4g pJ per bit (%s)", d.Value, cmp.Or(d.Source, "no source given")))
	}
	if acc.Vector.Lanes == 0 {
		list = append(list, "element-wise work (adds, pools, requantization) is not charged: the machine's file gives no vector lanes")
	}
	list = append(list, outputsText(acc.Memory.OutBits))
	if s := acc.Energy.MAC.Source; s != "" {
		list = append(list, fmt.Sprintf("multiply-accumulate energy: %s (%s)", cmp.Or(acc.Energy.MAC.Model, "const"), s))
	}
	if len(acc.Unconfirmed) > 0 {
		list = append(list, "unconfirmed values of the machine: "+strings.Join(acc.Unconfirmed, ", "))
	}
	return list
}

// outputsText says how wide outputs are written.
func outputsText(policy string) string {
	switch policy {
	case "32":
		return "outputs are written in 32 bits"
	case "act":
		return "outputs are written at the width of the op's own inputs"
	}
	return "outputs are written at the width that their readers take, those that no op reads at the width of the op's inputs"
}
