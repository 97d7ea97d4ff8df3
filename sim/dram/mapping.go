package dram

import (
	"fmt"
	"math/bits"
	"strings"

	"bitcycle/arch"
)

// DefaultMapping puts the bank group into the lowest address bits, so that a
// stream alternates between bank groups and runs at tCCD_S.
const DefaultMapping = "ro ba co bg"

// field is where a coordinate sits in the burst number (address / burst bytes).
type field struct {
	shift uint
	mask  uint64
}

func (f field) of(burst uint64) uint64 { return burst >> f.shift & f.mask }

// mapping splits a burst number into row, bank, column and bank group.
type mapping struct {
	offset              uint // log2 of the burst bytes
	row, bank, col, grp field
	// run is the number of bursts in address order that share a row in each bank
	// they touch: the fields below the lowest bit of bank and row.
	run uint64
	// groups is the number of bank groups that such a run cycles through.
	groups uint64
}

// newMapping reads a field order from the most significant to the least
// significant bits: "ro ba co bg". Spaces are optional; "ch" and "ra" are
// accepted and take no bits, since a Channel is one channel of one rank.
func newMapping(order string, spec *arch.DRAM) (mapping, error) {
	m := mapping{offset: log2(spec.BurstBytes)}
	widths := map[string]int{
		"bg": spec.BankGroups, "ba": spec.BanksPerGroup, "co": spec.RowBytes / spec.BurstBytes,
		"ch": 1, "ra": 1,
	}
	names, err := fieldNames(order)
	if err != nil {
		return m, err
	}
	shift := uint(0)
	for i := len(names) - 1; i > 0; i-- {
		f := field{shift, uint64(widths[names[i]] - 1)}
		switch names[i] {
		case "bg":
			m.grp = f
		case "ba":
			m.bank = f
		case "co":
			m.col = f
		}
		shift += log2(widths[names[i]])
	}
	m.row = field{shift, ^uint64(0) >> shift}
	m.setRun()
	return m, nil
}

// fieldNames cuts an order into its two-letter names, row first.
func fieldNames(order string) ([]string, error) {
	text := strings.ReplaceAll(order, " ", "")
	bad := fmt.Errorf("mapping = %q: must order ro, ba, bg and co, each once and ro first, like %q", order, DefaultMapping)
	seen := map[string]bool{}
	var names []string
	for ; len(text) >= 2; text = text[2:] {
		name := text[:2]
		if seen[name] || !strings.Contains("ro ba bg co ch ra", name) {
			return nil, bad
		}
		seen[name] = true
		names = append(names, name)
	}
	if text != "" || !seen["ro"] || !seen["ba"] || !seen["bg"] || !seen["co"] || names[0] != "ro" {
		return nil, bad
	}
	return names, nil
}

// setRun finds how far a stream goes before it needs another bank or row.
func (m *mapping) setRun() {
	low := m.row.shift
	if m.bank.mask != 0 {
		low = min(low, m.bank.shift)
	}
	m.run, m.groups = 1<<low, 1
	if m.grp.mask == 0 {
		return
	}
	if m.grp.shift == 0 {
		m.groups = m.grp.mask + 1
	} else {
		m.run = min(m.run, 1<<m.grp.shift)
	}
}

func log2(n int) uint { return uint(bits.TrailingZeros64(uint64(n))) }

func powerOfTwo(n int) bool { return n > 0 && n&(n-1) == 0 }
