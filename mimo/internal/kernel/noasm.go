//go:build noasm || !amd64

package kernel

func machinePaths() []*path { return nil }
