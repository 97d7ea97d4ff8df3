package replay

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"sync"

	"bitcycle/arch"
)

var trafficPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([a-zA-Z]+?)_?([0-9]+)?(k|KiB|MiB)?$`) })

// Traffic returns the bursts of a named pattern; all arrive at clock 0.
//
//	one            one read
//	hit2           2 reads of consecutive bursts (any count)
//	conflict16     16 reads of different rows of one bank (any count)
//	seq64          64 reads of consecutive bursts (any count)
//	seqR_1MiB      reads of 1 MiB in address order (any size in KiB or MiB); seqW_1MiB writes
//	stride_row     1024 reads, one row of bytes apart
//	rw64           a copy of 4096 bursts: 64 reads, 64 writes 16 MiB further up, and so on (any count)
//	rand4k         4096 reads of random bursts within 1 GiB (any count of 1024)
func Traffic(spec arch.DRAM, name string) ([]Burst, error) {
	if name == "stride_row" {
		return generate(1024, func(i uint64) (uint64, bool) { return i * uint64(spec.RowBytes), false }), nil
	}
	part := trafficPattern().FindStringSubmatch(name)
	if part == nil {
		return nil, unknownTraffic(name)
	}
	burst := uint64(spec.BurstBytes)
	n, err := trafficCount(part[2], part[3])
	if err != nil || burst == 0 {
		return nil, unknownTraffic(name)
	}
	sequential := func(write bool) func(uint64) (uint64, bool) {
		return func(i uint64) (uint64, bool) { return i * burst, write }
	}
	switch part[1] + " " + unit(part[3]) {
	case "one ", "hit ", "seq ":
		return generate(n, sequential(false)), nil
	case "conflict ":
		pitch := uint64(spec.RowBytes) * uint64(spec.BankGroups) * uint64(spec.BanksPerGroup)
		return generate(n, func(i uint64) (uint64, bool) { return i * pitch, false }), nil
	case "seqR B":
		return generate(n/burst, sequential(false)), nil
	case "seqW B":
		return generate(n/burst, sequential(true)), nil
	case "rw ":
		return generate(8192, func(i uint64) (uint64, bool) {
			chunk, within := i/n, i%n
			return (chunk/2*n+within)*burst + chunk%2<<24, chunk%2 == 1
		}), nil
	case "rand k":
		rng := rand.New(rand.NewPCG(1, 0))
		return generate(n, func(uint64) (uint64, bool) { return rng.Uint64N(1<<30) / burst * burst, false }), nil
	}
	return nil, unknownTraffic(name)
}

// unit maps a suffix to what it counts: bursts, thousands of them, or bytes.
func unit(suffix string) string {
	if suffix == "KiB" || suffix == "MiB" {
		return "B"
	}
	return suffix
}

func trafficCount(digits, suffix string) (uint64, error) {
	if digits == "" {
		return 1, nil
	}
	n, err := strconv.ParseUint(digits, 10, 64)
	scale := map[string]uint64{"": 1, "k": 1 << 10, "KiB": 1 << 10, "MiB": 1 << 20}[suffix]
	if err != nil || n == 0 || n > maxBursts/scale*64 {
		return 0, fmt.Errorf("count %q is out of range", digits)
	}
	return n * scale, nil
}

func generate(n uint64, access func(i uint64) (addr uint64, write bool)) []Burst {
	trace := make([]Burst, n)
	for i := range trace {
		trace[i].Addr, trace[i].Write = access(uint64(i))
	}
	return trace
}

func unknownTraffic(name string) error {
	return fmt.Errorf("traffic = %q: must be one, hit2, conflict2, conflict16, seq64, seqR_1MiB, seqW_1MiB, stride_row, rw64 or rand4k, or one of these with another count", name)
}
