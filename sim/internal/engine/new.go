package engine

import (
	"fmt"

	"bitcycle/arch"
)

// New builds the engine of a machine.
func New(acc *arch.Accelerator) (Engine, error) {
	a := &acc.Array
	switch acc.Engine {
	case arch.Systolic:
		return NewSystolic(a)
	case arch.BitSerial:
		return NewBitSerial(a)
	case arch.Fusion:
		return NewFusion(a)
	case arch.RowStationary:
		return NewRowStationary(a)
	case arch.Streaming:
		return NewStreaming(a)
	case arch.SIMD:
		return NewSIMD(a)
	case arch.NE16:
		return NewNE16(a)
	case arch.Pixels:
		return NewPixels(a)
	case arch.Kernels:
		return NewKernels(acc)
	}
	return nil, fmt.Errorf("machine %s: engine = %q: must be systolic, bitserial, fusion, rowstationary, streaming, simd, ne16, pixels or software", acc.Name, acc.Engine)
}
