package arch_test

import (
	"fmt"
	"os"
	"strings"

	"bitcycle/arch"
)

// A shipped machine with one value changed.
func Example() {
	a, err := arch.Load("gemmini-default", []string{"array.rows=32"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(a.Name, a.Engine, a.Array.Rows, "×", a.Array.Cols)
	fmt.Println("rows:", a.Source("array.rows"))
	fmt.Printf("8×8-bit MAC: %.3f pJ (%s)\n", a.Energy.MAC.PJ(8, 8, a.TechNm), a.Energy.MAC.Source)
	// Output:
	// gemmini-default systolic 32 × 16
	// rows: set on the command line
	// 8×8-bit MAC: 0.204 pJ (fit to Bit Fusion's synthesised PEs, 45 nm, 500 MHz)
}

// A machine is read once and varied many times.
func ExampleOpen() {
	base, err := arch.Open("gemmini-default")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, rows := range []int{16, 32, 65537} {
		a, err := base.With(fmt.Sprint("array.rows=", rows), "buffers.inputs.bytes=64 KiB")
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d × %d: %.3f mm²\n", a.Array.Rows, a.Array.Cols, a.Area.Array.Value)
	}
	// Output:
	// 16 × 16: 0.134 mm²
	// 32 × 16: 0.267 mm²
	// --set array.rows=65537: must be 1 to 65536
}

// Every problem is reported at once, with what is allowed.
func ExampleLoad_errors() {
	_, err := arch.Load("gemmini-default", []string{"array.rowz=32", "memory.kind=tape"})
	fmt.Println(err)
	// Output:
	// --set array.rowz=32: no key "array.rowz" (did you mean "array.rows"?)
	// --set memory.kind=tape: want ideal | flat | dram
}

// A machine is shown in full, its sources included.
func ExampleEncode() {
	a, err := arch.Load("haq-bismo-cloud", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	var text strings.Builder
	if err := arch.Encode(&text, a); err != nil {
		fmt.Println(err)
		return
	}
	for i, line := range strings.Split(text.String(), "\n") {
		if i < 9 && i != 2 {
			fmt.Fprintln(os.Stdout, line)
		}
	}
	// Output:
	// schema = 1
	// name = "haq-bismo-cloud"
	// engine = "bitserial"
	// clock_hz = 200e6 # UNCONFIRMED
	// technology_nm = 16.0 # UNCONFIRMED
	// voltage_v = 0.86
	// batch = 16
	// unconfirmed = [
}
