package sim

import (
	"cmp"
	"fmt"
	"strings"

	"bitcycle/arch"
)

// assumptions lists the choices and constants behind the numbers. What memory charges
// is told by the memory system itself.
func (m *machine) assumptions() []string {
	acc := m.acc
	list := []string{fmt.Sprintf("machine %s: batch %d, clock %.4g MHz%s", acc.Name, max(acc.Batch, 1), acc.ClockHz/1e6, channelsText(acc))}
	if lanes := m.engine.Lanes(); acc.Array.DepthwiseLanes > lanes {
		list = append(list, fmt.Sprintf("depthwise convolutions take the %d channels that the array has side by side, not the %d of array.depthwise_lanes", lanes, acc.Array.DepthwiseLanes))
	}
	list = append(list, m.memory.Assumptions()...)
	if m.given != nil {
		list = append(list, "layers whose loops are given are cut by them, at no cost to the host")
	}
	if acc.Engine == arch.Kernels {
		list = append(list, softwareText(acc))
	}
	if h := &acc.Host; h.ImageUs > 0 || h.NsPerByte > 0 {
		list = append(list, fmt.Sprintf("the host takes %.4g µs an image and %.4g ns a byte of its input; in a long run it works beside the machine", h.ImageUs, h.NsPerByte))
	}
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
	for _, line := range acc.Trust() {
		list = append(list, acc.Name+": "+line)
	}
	if fitted := acc.Fitted(); len(fitted) > 0 {
		list = append(list, "constants fitted to measured figures (show "+acc.Name+" says to which): "+strings.Join(fitted, ", "))
	}
	if len(acc.Unconfirmed) > 0 {
		list = append(list, "unconfirmed values of the machine: "+strings.Join(acc.Unconfirmed, ", "))
	}
	return list
}

// softwareText names the library and its kernels.
func softwareText(acc *arch.Accelerator) string {
	widths := acc.Array.WeightWidths
	if len(widths) == 0 {
		return "software: " + acc.Software.Library + ", kernels of every width"
	}
	return fmt.Sprintf("software: %s, %d-bit kernel: narrower operands are widened, so that fewer bits save room but no time", acc.Software.Library, widths[0])
}

// channelsText says which channels wait for which, where their widths matter to each
// other.
func channelsText(acc *arch.Accelerator) string {
	a := &acc.Array
	order := ", order " + cmp.Or(a.Order, "inorder")
	switch acc.Engine {
	case arch.RowStationary, arch.Streaming:
		return ""
	case arch.Pixels:
		return fmt.Sprintf(", %d cores that take images by turns, output channels wait for the widest beside them%s", max(a.Cores, 1), order)
	case arch.Kernels:
		return ", one output channel after the other"
	case arch.SIMD:
		return ", four output channels share a width" + order
	}
	switch {
	case a.Dataflow == "is":
		return ", output channels stream by one after the other"
	case a.Sync == "lane":
		return ", every lane takes the next output channel when it is free" + order
	case a.Sync == "group":
		return fmt.Sprintf(", output channels synchronised in groups of %d, each taken by the lanes that are free first%s", a.GroupSize, order)
	}
	return ", output channels synchronised per tile" + order
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
