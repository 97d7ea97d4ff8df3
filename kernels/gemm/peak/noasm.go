//go:build !amd64 || noasm

package peak

func machine() []Loop { return portable }
