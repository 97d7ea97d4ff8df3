package arch

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// The default machine of every engine validates, and is the one that a file of two
// lines describes.
func TestDefaultsValidate(t *testing.T) {
	for _, engine := range Engines() {
		for _, nm := range []float64{7, 22, 45, 65, 130} {
			a := Default(engine, nm)
			if err := a.Validate(); err != nil {
				t.Errorf("%s at %g nm: %v", engine, nm, err)
			}
			file := filepath.Join(t.TempDir(), string(engine)+".toml")
			if err := os.WriteFile(file, fmt.Appendf(nil, "engine = %q\ntechnology_nm = %g\n", engine, nm), 0o644); err != nil {
				t.Fatal(err)
			}
			loaded, err := Load(file, nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(*loaded, a, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s at %g nm (-file +default):\n%s", engine, nm, diff)
			}
		}
	}
}

// Derive brings the estimates to the sizes that the machine has now, as Load does.
func TestDeriveFollowsTheSizes(t *testing.T) {
	for _, engine := range Engines() {
		a := Default(engine, 45)
		a.Buffers.Inputs.Bytes, a.Array.Rows, a.TechNm = 1<<20, 32, 65
		a.Derive()
		b := Default(engine, 65)
		if a.Energy.SRAM.LeakMW.Value <= b.Energy.SRAM.LeakMW.Value || a.Area.Inputs.Value <= b.Area.Inputs.Value {
			t.Errorf("%s: a scratchpad of 1 MiB leaks %v mW on %v mm², one of 64 KiB %v on %v", engine,
				a.Energy.SRAM.LeakMW.Value, a.Area.Inputs.Value, b.Energy.SRAM.LeakMW.Value, b.Area.Inputs.Value)
		}
		if a.VoltageV != NominalVoltage(65) {
			t.Errorf("%s: %v V at 65 nm, want %v", engine, a.VoltageV, NominalVoltage(65))
		}
	}
}
