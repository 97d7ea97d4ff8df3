package reports

import (
	"bytes"
	"fmt"
	"math"
	"strings"

	"bitcycle/arch"
)

// FigureValues are the rates and ratios of a run that data sheets name, see
// [sim.Figures]; 0 is not known.
type FigureValues struct {
	ImagesPerS        float64 `json:"images_per_s"`          // batch over initiation interval
	OperationsPerS    float64 `json:"operations_per_s"`      // two for a multiply-accumulate
	PeakOperationsPS  float64 `json:"peak_operations_per_s"` // of the full array at the widths of the layers, weighed by their work
	OperationsPerJ    float64 `json:"operations_per_j"`      // 1e12 are one TOPS/W
	EnergyDelayJS     float64 `json:"energy_delay_js"`       // energy × latency of a batch
	AveragePowerW     float64 `json:"average_power_w"`       // energy over latency
	PeakPowerW        float64 `json:"peak_power_w"`          // of the layer that takes the most on average
	MACsPerDRAMByte   float64 `json:"macs_per_dram_byte"`    // arithmetic intensity
	DRAMBytesPerCycle float64 `json:"dram_bytes_per_cycle"`  // mean over the run
	AreaMM2           float64 `json:"area_mm2"`              // of the chip where its source says so, else of array and scratchpads
}

// runTables are those of a run: layers first, where one table must do.
func runTables(r *RunResult) []*Table {
	return []*Table{layersTable(r), totalsTable(r), figuresTable(r), energyTable(r)}
}

// figuresTable has a row a figure; what no source gives is not known.
func figuresTable(r *RunResult) *Table {
	t := &Table{Name: "figures", Title: "figures", Columns: []Column{Text("figure", "figure"), Number("value", "value").Ranked(Must)}}
	t.Files = &Table{Columns: []Column{Text("figure", ""), Number("value", "")}}
	f := &r.Figures
	for _, one := range []struct {
		key, name, unit string
		value, size     float64
	}{
		{"images_per_s", "throughput", "images/s", f.ImagesPerS, 1},
		{"operations_per_s", "operations (2 a MAC)", "GOPS", f.OperationsPerS, 1e9},
		{"peak_operations_per_s", "peak at these widths", "GOPS", f.PeakOperationsPS, 1e9},
		{"operations_per_j", "efficiency", "TOPS/W", f.OperationsPerJ, 1e12},
		{"energy_delay_js", "energy × delay", "nJ·s", f.EnergyDelayJS, 1e-9},
		{"average_power_w", "average power", "mW", f.AveragePowerW, 1e-3},
		{"peak_power_w", "power of the hottest layer", "mW", f.PeakPowerW, 1e-3},
		{"macs_per_dram_byte", "arithmetic intensity", "MAC/byte", f.MACsPerDRAMByte, 1},
		{"area_mm2", "area", "mm²", f.AreaMM2, 1},
	} {
		value := "not known"
		if one.value > 0 {
			value = fourDigits(one.value/one.size) + " " + one.unit
		}
		t.Add(one.name, value)
		t.Files.Add(one.key, one.value)
	}
	return t
}

// fourDigits writes a positive number with at least four significant digits, without an
// exponent.
func fourDigits(x float64) string {
	text := fixed(x, min(9, max(0, 3-int(math.Floor(math.Log10(x))))))
	if strings.Contains(text, ".") {
		text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	}
	return text
}

// runCharts are cycles and energy by layer, and the roofline.
func runCharts(machine *arch.Accelerator, r *RunResult) []Chart {
	unit, label := scaleOf(r.Totals.EnergyPJ, energyUnits), []string{"name"}
	cycles := Chart{Kind: "stack", Title: "Cycles by layer and cause", Note: "cycles", Table: "layers", Label: label, Axes: causeAxes(cycleUnits[0])}
	energy := Chart{Kind: "stack", Title: "Energy by layer and component", Note: unit.name, Table: "layers", Label: label, Axes: componentAxes(unit)}
	return []Chart{cycles, energy, rooflineChart(machine, r)}
}

// causeAxes are the columns of cycles by cause.
func causeAxes(u unit) (axes []Axis) {
	for _, c := range causes {
		axes = append(axes, Axis{Key: "stall_" + c.key + "_cycles", Name: c.key, Unit: u.size})
	}
	return axes
}

// componentAxes are the columns of energy by component.
func componentAxes(u unit) (axes []Axis) {
	for _, c := range components {
		axes = append(axes, Axis{Key: "energy_" + c.key + "_pj", Name: c.head, Unit: u.size})
	}
	return axes
}

// rooflineChart has a roof for each pair of widths of the layers, the memory's peak rate
// as its slope.
func rooflineChart(machine *arch.Accelerator, r *RunResult) Chart {
	time := scaleOf(r.Totals.LatencyS, timeUnits)
	c := Chart{
		Kind: "roofline", Title: "Roofline", Note: "a dot a layer, its area the time that it takes; a roof for each pair of widths",
		Table: "layers", Label: []string{"name"},
		Axes: []Axis{
			{Key: "macs_per_dram_byte", Name: "MAC per byte of DRAM", Unit: 1, Log: true},
			{Key: "macs_per_cycle", Name: "MAC per cycle", Unit: 1, Log: true},
			{Key: "latency_s", Name: "latency [" + time.name + "]", Unit: time.size},
		},
	}
	bytesPerCycle := 0.0
	if rate := machine.MemoryBytesPerS(); machine.ClockHz > 0 {
		bytesPerCycle = rate / machine.ClockHz
	}
	seen := map[string]bool{}
	for i := range r.Layers {
		l := &r.Layers[i]
		name := fmt.Sprintf("w%s a%d", fixed(l.WeightBitsMean, 2), l.ActBits)
		if l.WeightBitsMin == l.WeightBitsMax {
			name = fmt.Sprintf("w%d a%d", l.WeightBitsMax, l.ActBits)
		}
		if l.PeakMACsPerCycle == 0 || seen[name] || len(c.Roofs) == 6 {
			continue
		}
		seen[name] = true
		c.Roofs = append(c.Roofs, Roof{name, l.PeakMACsPerCycle, bytesPerCycle})
	}
	return c
}

// effective is the machine with every default filled in.
func effective(machine *arch.Accelerator) []Attachment {
	var text bytes.Buffer
	if err := arch.Encode(&text, machine); err != nil {
		return nil
	}
	return []Attachment{{machine.Name + ".toml, every default filled in", text.String()}}
}
