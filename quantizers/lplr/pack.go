package lplr

// pack stores codes of the given width one after another, least significant
// bit first.
func pack(codes []uint16, bits int) []byte {
	out := make([]byte, (len(codes)*bits+7)/8)
	var buffer uint32
	fill, at := 0, 0
	for _, c := range codes {
		buffer |= uint32(c) << fill
		for fill += bits; fill >= 8; fill -= 8 {
			out[at] = byte(buffer)
			buffer >>= 8
			at++
		}
	}
	if fill > 0 {
		out[at] = byte(buffer)
	}
	return out
}

func unpack(packed []byte, bits, n int) []uint16 {
	codes := make([]uint16, n)
	var buffer uint32
	fill, at := 0, 0
	for i := range codes {
		for ; fill < bits; fill += 8 {
			buffer |= uint32(packed[at]) << fill
			at++
		}
		codes[i] = uint16(buffer & (1<<bits - 1))
		buffer >>= bits
		fill -= bits
	}
	return codes
}
