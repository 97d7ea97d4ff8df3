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

// quantity reads "500 MHz" or "64 KiB" for a key that ends in _hz or bytes.
func quantity(key, text string) (float64, bool) {
	text = strings.TrimSpace(text)
	cut := strings.LastIndexAny(text, "0123456789.") + 1
	factor, ok := unitsFor(key)[strings.TrimSpace(text[cut:])]
	if !ok {
		return 0, false
	}
	x, err := strconv.ParseFloat(text[:cut], 64)
	return x * factor, err == nil
}

// unitHint tells what a string for the key should have looked like.
func unitHint(key string, leaf any) string {
	if _, isText := leaf.(string); !isText || unitsFor(key) == nil {
		return ""
	}
	if strings.HasSuffix(key, "_hz") {
		return ` in Hz, or with its unit: "500 MHz"`
	}
	return ` of bytes, or with its unit: "64 KiB"`
}

// formatFloat writes a number so that TOML reads the same float back: whole
// thousands of a million with an exponent, other values in full.
func formatFloat(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return strings.ToLower(strings.TrimPrefix(strconv.FormatFloat(x, 'g', -1, 64), "+"))
	}
	for _, e := range []string{"e9", "e6"} {
		unit := mustParse("1" + e)
		if short := strconv.FormatFloat(x/unit, 'f', -1, 64); x >= unit && len(short) <= 6 && mustParse(short+e) == x {
			return short + e
		}
	}
	text := strconv.FormatFloat(x, 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return text
}

func mustParse(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("arch: " + err.Error())
	}
	return x
}
