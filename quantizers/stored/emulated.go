package stored

import (
	"context"
	"fmt"

	"bitcycle/kernels"
	"bitcycle/kernels/workload"
)

// Emulated is a network whose model is quantized and no integers: it is executed in
// float32, as its quantizers are defined, and charged at the widths that it states.
type Emulated struct {
	Spec   string                 // as the user wrote it
	Widths []workload.LayerWidths // as kernels.LowerShape takes them
}

// Name returns the method as written.
func (m *Emulated) Name() string { return m.Spec }

// IsFloat reports that accuracy is the network's own.
func (m *Emulated) IsFloat() bool { return true }

// Lower returns what a machine must do for the network.
func (m *Emulated) Lower(net *kernels.Network) *workload.Workload {
	return kernels.LowerShape(net.Unquantized(), m.Widths, true)
}

// Quantize says that there are no integers.
func (m *Emulated) Quantize(_ context.Context, net *kernels.Network, _ kernels.Batch, _ func(done, total int)) (*kernels.Quantized, error) {
	return nil, fmt.Errorf("method %q: %s is executed in float32 as its quantizers are defined and has no integers; another method quantizes it anew", m.Spec, net.Name)
}
