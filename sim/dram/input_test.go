package dram

import (
	"strings"
	"testing"
)

func TestNewRefuses(t *testing.T) {
	good := presets["ddr4-2400"]
	odd := good
	odd.BankGroups = 3
	for _, c := range []struct {
		opt  Options
		odd  bool
		want string
	}{
		{Options{Mapping: "ro ba co"}, false, `mapping = "ro ba co"`},
		{Options{Mapping: "ba ro co bg"}, false, "ro first"},
		{Options{Mapping: "ro ba ba co bg"}, false, "each once"},
		{Options{Mapping: "ro ba co bx"}, false, "mapping"},
		{Options{Window: -1}, false, "window = -1"},
		{Options{CtrlCycles: -1}, false, "ctrl_cycles = -1"},
		{Options{}, true, "bank_groups = 3: must be a power of two"},
	} {
		spec := good
		if c.odd {
			spec = odd
		}
		if _, err := New(spec, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.opt, err, c.want)
		}
	}
}
