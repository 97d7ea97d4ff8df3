package validate

import (
	"fmt"
	"math"
	"strings"

	"bitcycle/arch"
)

// bismo compares with the generator's own equations: what a shipped instance of the
// geometry states, else the equations here.
func bismo(p published) (float64, bool) {
	var dm, dk, dn, bm, bn, version int
	switch p.metric {
	case "BRAM_array":
		n, _ := fmt.Sscanf(p.config, "%dx%dx%d Bm=%d Bn=%d", &dm, &dk, &dn, &bm, &bn)
		if m := bismoInstance(p.config); m != nil && bm == 1024 && bn == 1024 {
			return m.Area.BRAMs.Value, true
		}
		_, bram := bismoCost(2, dm, dk, dn, bm, bn)
		return bram, n == 5
	case "LUT_array":
		n, _ := fmt.Sscanf(p.config, "%dx%dx%d", &dm, &dk, &dn)
		m, _ := fmt.Sscanf(p.workload, "cost model v%d", &version)
		if m := bismoInstance(p.config); m != nil && version == 2 {
			return m.Area.LUTs.Value, true
		}
		lut, _ := bismoCost(version, dm, dk, dn, 1024, 1024)
		return lut, n == 3 && m == 1
	case "pipeline_latency":
		n, _ := fmt.Sscanf(p.config, "Dk=%d", &dk)
		return float64(bismoLatency(dk)), n == 1
	case "peak":
		if m := bismoInstance(p.config); m != nil {
			ops, ok := peakOps(m.Name, 1, 1)
			return ops / 1e9, ok
		}
	}
	return 0, false
}

// bismoInstance is the shipped machine of a geometry such as "8x256x8", nil if there
// is none.
func bismoInstance(config string) *arch.Accelerator {
	geometry, _, _ := strings.Cut(config, " ")
	for _, m := range arch.List() {
		if strings.HasPrefix(m.Name, "bismo-") && strings.HasSuffix(m.Name, "-"+geometry) {
			if acc, err := arch.Load(m.Name, nil); err == nil {
				return acc
			}
		}
	}
	return nil
}

// bismoCost is the FPGA cost of a BISMO array of dm×dn dot products of dk bits
// with operand buffers of bm and bn words: look-up tables of the array and 36 Kb
// block RAMs,
//
//	LUT  = dm·dn·(α·dk + β + 120.1)
//	BRAM = (dk/32)·(dm·⌈bm/1024⌉ + dn·⌈bn/1024⌉)
//
// with α, β = 2.04, 109.41 for version 1 (Umuroglu et al., FPL 2018) and 1.17,
// 44.1 for version 2 (TRETS 12(3), 2019). The fixed base of 718 LUTs and one
// BRAM is recalled only, hence left out.
func bismoCost(version, dm, dk, dn, bm, bn int) (lut, bram float64) {
	alpha, beta := 1.17, 44.1
	if version == 1 {
		alpha, beta = 2.04, 109.41
	}
	blocks := func(words int) float64 { return math.Ceil(float64(words) / 1024) }
	lut = float64(dm*dn) * (alpha*float64(dk) + beta + 120.1)
	bram = float64(dk) / 32 * (float64(dm)*blocks(bm) + float64(dn)*blocks(bn))
	return lut, bram
}

// bismoLatency is the pipeline latency in cycles of BISMO's execute stage for
// dot products of dk bits: 7 registers and the popcount tree of 2 to 5 levels
// (RTL of EECS-NTNU/bismo@b388d78), 9, 10, 10, 11, 12 for 32, 64, 128, 256, 512.
func bismoLatency(dk int) int {
	depth := 2
	for _, width := range []int{32, 128, 256} {
		if dk > width {
			depth++
		}
	}
	return 7 + depth
}
