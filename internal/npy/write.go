package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"strings"
)

// Number is an element of arrays that are written.
type Number interface{ ~int64 | ~float64 }

// Write writes an array as an .npy file of version 1: C order, little-endian. Its shape
// must hold the values.
func Write[E Number](w io.Writer, values []E, shape ...int) error {
	const align = 64
	n := 1
	var dims strings.Builder
	for _, d := range shape {
		n *= d
		fmt.Fprintf(&dims, "%d, ", d)
	}
	if n != len(values) {
		return fmt.Errorf("npy: %d values in the shape %v", len(values), shape)
	}
	kind := "<i8"
	if _, ok := any(values).([]float64); ok {
		kind = "<f8"
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", kind, strings.TrimSuffix(dims.String(), " "))
	const before = len(magic) + 4 // version and length
	header += strings.Repeat(" ", align-1-(before+len(header))%align) + "\n"
	head := append([]byte(magic), 1, 0)
	head = binary.LittleEndian.AppendUint16(head, uint16(len(header)))
	if _, err := w.Write(append(head, header...)); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, values)
}
