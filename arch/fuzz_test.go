package arch

import (
	"strings"
	"testing"
)

// FuzzScaleSim reads configurations of SCALE-Sim: problems name the file, and what loads is
// valid.
func FuzzScaleSim(f *testing.F) {
	whole := "[general]\nrun_name = x\n[architecture_presets]\nArrayHeight: 32\nArrayWidth: 32\nIfmapSramSzkB: 64\nFilterSramSzkB: 64\nOfmapSramSzkB: 64\nDataflow: ws\nBandwidth: 10\n[run_presets]\nInterfaceBandwidth: USER\n"
	for _, seed := range []string{
		whole, whole[:80], "", "[", "ArrayHeight", strings.ReplaceAll(whole, "32", "9223372036854775807"), strings.ReplaceAll(whole, "64", "-1"),
		strings.ReplaceAll(whole, "10", "nan"), strings.ReplaceAll(whole, "10", "1e308"), strings.ReplaceAll(whole, "ws", "\x1b[2J"), "\ufeff" + whole, whole + whole,
		strings.ReplaceAll(whole, "x", "\x00"), whole + strings.Repeat("Key: 1\n", 100),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		top, err := scaleSimTree("f.cfg", text)
		if err != nil {
			if !strings.Contains(err.Error(), "f.cfg") {
				t.Errorf("no file in %q", err)
			}
			return
		}
		name(top, "f.cfg", "")
		if a, err := assemble[Accelerator](machines, top); err == nil && a.Validate() != nil {
			t.Error(a.Validate())
		}
	})
}
