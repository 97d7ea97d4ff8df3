package dram_test

import (
	"fmt"

	"bitcycle/arch"
	"bitcycle/sim/dram"
)

func Example() {
	part := arch.DRAM{ // DDR4-2400, 8 Gb x8
		Name: "ddr4-2400", TCKNs: 0.833, BusBits: 64, BurstBytes: 64, BurstClocks: 4,
		CL: 17, CWL: 12, TRCD: 17, TRP: 17, TRAS: 39, TCCDS: 4, TCCDL: 6,
		TRRDS: 4, TRRDL: 6, TFAW: 26, TWTRS: 3, TWTRL: 9, TWR: 18, TRTP: 9,
		TRFC: 420, TREFI: 9360, BankGroups: 4, BanksPerGroup: 4, RowBytes: 8192,
	}
	for _, order := range []string{"ro ba co bg", "ro ba bg co"} {
		c, err := dram.New(part, dram.Options{Mapping: order, CtrlCycles: 2})
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
