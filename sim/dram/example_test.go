package dram_test

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/sim/dram"
)

func Example() {
	part, err := arch.LoadDRAM("ddr4-2400")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, order := range []string{"ro ba co bg", "ro ba bg co"} {
		c, err := dram.New(*part, dram.Options{Mapping: order, CtrlCycles: 2})
		if err != nil {
			fmt.Println(err)
			return
		}
		done := c.Stream(0, 1<<20, false, 0)
		fmt.Printf("%s: 1 MiB in %d clocks, %d activates, %d refreshes\n", order, done, c.Stats().Act, c.Stats().Ref)
	}
	// Output:
	// ro ba co bg: 1 MiB in 68785 clocks, 156 activates, 7 refreshes
	// ro ba bg co: 1 MiB in 102654 clocks, 138 activates, 10 refreshes
}
