package gemm

// Path names the instruction set that products run on: generic, avx2 or avx512.
func Path() string { return "generic" }

// PathError reports a BITCYCLE_KERNEL that names no path, or one that this machine lacks; the best path
// is then used.
func PathError() error { return nil }
