//go:build !amd64 || noasm

package peak

func machine() []Rate { return portable }
