//go:build !amd64 || noasm

package gemm

func machinePaths() []*path { return nil }
