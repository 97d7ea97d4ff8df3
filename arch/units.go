package arch

import (
	"math"
	"strconv"
	"strings"
)

// unitsOf lists what may follow a number in a string, by the ending of the key
// whose value it is, relative to the key's own unit.
var unitsOf = []struct {
	ending string
	units  map[string]float64
}{
	{"_hz", map[string]float64{"Hz": 1, "kHz": 1e3, "MHz": 1e6, "GHz": 1e9}},
	{"bytes", map[string]float64{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1e3, "MB": 1e6, "GB": 1e9}},
}

// endings are the units that key names end in; a key without its ending is a
// value without its unit.
var endings = []string{
	"_hz", "_nm", "_v", "_bits", "_cycles", "_mm2", "_mw", "_pj", "_nj", "_ns", "_bytes", "_clocks",
	"_per_cycle", "_per_bit", "_per_mac", "_per_op", "_db", "_w", "_m", "_wavelengths", "_gbps",
}

func hasUnit(key string) bool {
	for _, ending := range endings {
		if strings.HasSuffix(key, ending) {
			return true
		}
	}
	return false
}

func unitsFor(key string) map[string]float64 {
	for _, u := range unitsOf {
		if strings.HasSuffix(key, u.ending) {
			return u.units
		}
	}
	return nil
}

// quantity reads "500 MHz" or "64 KiB" for a key that ends in _hz or bytes; want
// tells what a text that is none should have looked like.
func quantity(key, text string) (value float64, want string, ok bool) {
	units := unitsFor(key)
	if units == nil {
		return 0, "", false
	}
	want = `of bytes, or with its unit: "64 KiB"`
	if strings.HasSuffix(key, "_hz") {
		want = `in Hz, or with its unit: "500 MHz"`
	}
	text = strings.TrimSpace(text)
	cut := strings.LastIndexAny(text, "0123456789.") + 1
	factor, ok := units[strings.TrimSpace(text[cut:])]
	if !ok {
		return 0, want, false
	}
	x, err := strconv.ParseFloat(text[:cut], 64)
	return x * factor, want, err == nil && !math.IsInf(x*factor, 0)
}

// completeUnit returns the key among names that is this one with its unit.
func completeUnit(key string, names []string) string {
	for _, name := range names {
		if strings.HasPrefix(name, key+"_") && hasUnit(name) {
			return name
		}
	}
	return ""
}

func mustParse(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("arch: " + err.Error())
	}
	return x
}
