package arch

import (
	_ "embed"
	"math"
	"math/bits"
	"strings"
	"sync"
)

// sramCSV is what CACTI 7 gave for 90, 65, 45, 32 and 22 nm, two cells, 256 B
// to 4 MiB and words of 8 to 512 bits (`ram`, one read-write port, one bank, no
// ECC, 360 K, Bit Fusion's objective weights).
//
//go:embed sram_table.csv
var sramCSV string

type sramKey struct {
	nm          int
	cell        string
	bytes, bits int
}

var sramTable = sync.OnceValue(func() map[sramKey]Macro {
	table := map[sramKey]Macro{}
	lines := strings.Split(strings.TrimSpace(sramCSV), "\n")
	for _, line := range lines[1:] {
		f := strings.Split(strings.TrimSpace(line), ",")
		number := func(i int) float64 { return mustParse(f[i]) }
		key := sramKey{int(number(0)), f[1], int(number(2)), int(number(3))}
		table[key] = Macro{ReadPJ: number(4), WritePJ: number(5), LeakMW: number(6), AreaMM2: number(7)}
	}
	return table
})

// TableMacro returns an SRAM macro by interpolation in the CACTI table: exact at
// its points, bilinear in the logarithms of size and width between them (leaving
// one out: mean error 10 % read, 8.5 % write, 4.7 % leakage, 5.1 % area; worst
// 71 %). CACTI is not monotone: at 45 nm itrs-hp a word of 8 bits costs 4.20 pJ
// in 8 KiB and 2.75 pJ in 16 KiB. Outside the table's sizes and widths the power
// law takes over.
func TableMacro(cell string, techNm float64, bytes, wordBits int) Macro {
	if bytes <= 0 || wordBits <= 0 || len(sramLaws[cell]) == 0 {
		return Macro{}
	}
	return acrossNodes(techNm, func(nm float64) Macro {
		if m, ok := tableAt(cell, int(nm), bytes, wordBits); ok {
			return m
		}
		return PowerLawMacro(cell, nm, bytes, wordBits)
	})
}

func tableAt(cell string, nm, bytes, wordBits int) (Macro, bool) {
	table := sramTable()
	b0, b1, tb := powersAround(bytes)
	w0, w1, tw := powersAround(wordBits)
	var corner [4]Macro
	for i, size := range [4][2]int{{b0, w0}, {b1, w0}, {b0, w1}, {b1, w1}} {
		m, ok := table[sramKey{nm, cell, size[0], size[1]}]
		if !ok {
			return Macro{}, false
		}
		corner[i] = m
	}
	return blend(blend(corner[0], corner[1], tb), blend(corner[2], corner[3], tb), tw), true
}

// powersAround returns the powers of two below and above n, and where n lies
// between them in the logarithm.
func powersAround(n int) (below, above int, t float64) {
	below = 1 << (bits.Len(uint(n)) - 1)
	if below == n {
		return n, n, 0
	}
	return below, 2 * below, math.Log2(float64(n) / float64(below))
}
