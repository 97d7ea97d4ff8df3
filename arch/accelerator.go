// Package arch describes machines: accelerators and one-bit front ends, read
// from strict TOML, validated, and shown back in full with the source of every
// constant. It runs nothing.
//
// [Load] reads a shipped machine or a TOML file, fills the defaults of its
// engine and reports every problem at once with file, line and key. [Encode]
// writes the complete machine; loading that text gives the same machine.
package arch

// Accelerator is a machine that runs a workload.Workload. Widths are in bits,
// sizes in bytes, rates per clock cycle of ClockHz unless the name says otherwise.
type Accelerator struct {
	Schema      int    `toml:"schema"`      // version of the format
	Name        string `toml:"name"`        // how reports call the machine; the file's name unless given
	Description string `toml:"description"` // one line for lists
	// Engine is the kind of compute array, which decides what other keys there are: see
	// section 4 of machine-model.md.
	Engine   Engine  `toml:"engine"`
	ClockHz  float64 `toml:"clock_hz"`      // of the array, its scratchpads and the ports
	TechNm   float64 `toml:"technology_nm"` // node of the machine; constants of other nodes are scaled to it
	VoltageV float64 `toml:"voltage_v"`     // of the logic; the nominal voltage of the node unless given
	Batch    int     `toml:"batch"`         // images per run; cycles and energy are per batch

	Array Array `toml:"array"`
	// Software is what runs on a core.
	Software Software `toml:"software" only:"software"`
	Buffers  Buffers  `toml:"buffers"`
	Memory   Memory   `toml:"memory"`
	Vector   Vector   `toml:"vector"`
	Mapping  Mapping  `toml:"mapping"`
	Energy   Energy   `toml:"energy"`
	Area     Area     `toml:"area"`
	Host     Host     `toml:"host"`

	// Sources tells where non-energy values come from, by key ("array.rows") or
	// by table ("array"). See [Accelerator.Source].
	Sources map[string]string `toml:"sources"`
	// Unconfirmed lists the keys whose values could not be read at a source;
	// reports name them among the assumptions.
	Unconfirmed []string `toml:"unconfirmed"`
}

// Engine is the kind of compute array.
type Engine string

// The engines.
const (
	Systolic      Engine = "systolic"
	BitSerial     Engine = "bitserial"
	Fusion        Engine = "fusion"
	RowStationary Engine = "rowstationary"
	Streaming     Engine = "streaming"
	SIMD          Engine = "simd"
	NE16          Engine = "ne16"
	Pixels        Engine = "pixels"
	Kernels       Engine = "software"
)

// Engines lists every engine.
func Engines() []Engine {
	return []Engine{Systolic, BitSerial, Fusion, RowStationary, Streaming, SIMD, NE16, Pixels, Kernels}
}

func engineNames() []string {
	var names []string
	for _, e := range Engines() {
		names = append(names, string(e))
	}
	return names
}

func (e Engine) known() bool {
	switch e {
	case Systolic, BitSerial, Fusion, RowStationary, Streaming, SIMD, NE16, Pixels, Kernels:
		return true
	}
	return false
}
