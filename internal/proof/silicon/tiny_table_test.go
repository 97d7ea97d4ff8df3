package silicon

import (
	"context"
	"fmt"
	"io/fs"
	"strings"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/sim"
)

// tinyShown are the machines of the comparison at several widths, as far as they ship;
// the last is none of the rows'.
var tinyShown = []string{
	"cortex-m4-x-cube-ai-10", "cortex-m7-x-cube-ai-10", "gap9-ne16-240", "gap9-ne16", "fpgaconvnet-zedboard-kws", "fpgaconvnet-zedboard-ic", "fpgaconvnet-zedboard-vww",
	"gemmini-default",
}

// tinyLine is a network on a machine: measured at 8 bits where a row ships, and ours at 8,
// 4 and 2 bits of weights.
type tinyLine struct {
	Network, Machine      string
	MeasuredMS, MeasuredU float64 // ms and µJ, the mean of the rows; 0 without one
	Ours                  []tinyCost
	Fits                  string
}

// tinyCost is what a width takes. A machine without a kernel for it says so and has no
// figures: nothing is extrapolated.
type tinyCost struct {
	Bits, Kernel int // asked for, and processed
	MS, UJ       float64
}

// tinyLines compares MLPerf Tiny's networks on machines and widths.
func tinyLines(golden fs.FS) ([]tinyLine, error) {
	var lines []tinyLine
	for _, short := range []string{"ad", "kws", "ic", "vww"} {
		for _, machine := range tinyShown {
			if own, isFPGA := strings.CutPrefix(machine, "fpgaconvnet-zedboard-"); isFPGA && own != short {
				continue
			}
			acc, err := arch.Load(machine, nil)
			if err != nil {
				continue // not shipped
			}
			line := tinyLine{Network: short, Machine: machine}
			if err := line.measure(golden); err != nil {
				return nil, err
			}
			if err := line.price(acc); err != nil {
				return nil, err
			}
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// measure takes the mean of the rows of the line.
func (l *tinyLine) measure(golden fs.FS) error {
	rows, err := Read(golden, tiny.File)
	if err != nil {
		return err
	}
	var n, energies float64
	for _, r := range rows {
		m, err := tinyMachineOf(r)
		if err != nil || m.machine != l.Machine || r.Text("network") != l.Network || r.Text("modelled") == "no" || r.Text("precision") != "int8" {
			continue
		}
		l.MeasuredMS += 1000 / r.Number("inf_per_s")
		n++
		if r.Has("uJ_per_inf") {
			l.MeasuredU += r.Number("uJ_per_inf")
			energies++
		}
		if err := r.Err(); err != nil {
			return err
		}
	}
	l.MeasuredMS /= max(n, 1)
	l.MeasuredU /= max(energies, 1)
	return nil
}

func (l *tinyLine) price(acc *arch.Accelerator) error {
	for _, bits := range []int{8, 4, 2} {
		c := tinyCost{Bits: bits, Kernel: acc.Array.RoundWeight(bits)}
		if c.Kernel == bits {
			w, err := zoo.Load(tinyNetworks[l.Network])
			if err != nil {
				return err
			}
			for i := range w.Ops {
				if len(w.Ops[i].WeightBits) > 0 {
					w.Ops[i].WeightBits = workload.Widths{uint8(bits)}
				}
			}
			res, err := sim.Run(context.Background(), acc, w, sim.Options{})
			if err != nil {
				return fmt.Errorf("%s on %s: %w", l.Network, l.Machine, err)
			}
			perImage := float64(max(res.Batch, 1))
			c.MS, c.UJ = res.Totals.LatencyS*1e3/perImage, res.Totals.Energy.Total()/1e6/perImage
			if bits == 8 {
				l.Fits = res.Totals.Fit.String()
			}
		}
		l.Ours = append(l.Ours, c)
	}
	return nil
}

// String is the line of a Markdown table.
func (l tinyLine) String() string {
	figure := func(x float64, format string) string {
		if x == 0 {
			return "–"
		}
		return fmt.Sprintf(format, x)
	}
	cells := []string{l.Network, l.Machine, figure(l.MeasuredMS, "%.3g"), figure(l.MeasuredU, "%.3g")}
	for _, c := range l.Ours {
		if c.Kernel != c.Bits {
			cells = append(cells, fmt.Sprintf("%d-bit kernel", c.Kernel))
			continue
		}
		cells = append(cells, fmt.Sprintf("%.3g ms, %.3g µJ", c.MS, c.UJ))
	}
	return "| " + strings.Join(append(cells, l.Fits), " | ") + " |"
}
