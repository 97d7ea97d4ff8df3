package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

var constants = map[uint64]Mem{}

// bits is a constant of 64 bits repeated to the length of the widest register.
func bits(v uint64) Mem {
	if m, ok := constants[v]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("bits%016x", v), RODATA|NOPTR)
	for i := range 8 {
		DATA(8*i, U64(v))
	}
	constants[v] = m
	return m
}

// number is the constant v.
func number(v float64) Mem { return bits(math.Float64bits(v)) }
