package sweep

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// Beside is what stands beside the figures of a point in a sweep with measured ones.
type Beside struct {
	Measured []float64 // mean of the rows of this point, by [Table.Measured]; NaN where there is none
	Rows     int       // of it
	Source   string    // of the rows
	// Kernel names the widths that weights are processed at where the machine has none of
	// those asked for, "8-bit kernel"; the figures of the point are those of that kernel.
	Kernel string
	Fit    string // whether weights and activations have room, and what has not
	Room   string // what they take of which room
	Energy string // where the machine's energy of a multiply-accumulate comes from
}

// maxBeside bounds the points that are priced again for what stands beside them.
const maxBeside = 100_000

// findFacts reads the measured figures of the sweep.
func (p *Plan) findFacts(ctx context.Context) error {
	if p.Spec.Measured == "" {
		return nil
	}
	if p.kind == radio {
		return fmt.Errorf("sweep %s: measured figures go with machines, not with front ends", p.Spec.Name)
	}
	var err error
	if p.facts, err = loadFacts(ctx, p.Spec.Measured); err != nil {
		return err
	}
	return p.facts.check(p)
}

// FindBeside finds what stands beside the points where the sweep has measured figures:
// those, and whether the machine has the widths and the room.
func (t *Table) FindBeside(ctx context.Context) error {
	if t.plan == nil || t.plan.facts == nil {
		return nil
	}
	if t.n > maxBeside {
		return fmt.Errorf("sweep %s: measured figures stand beside at most %d points, not %d", t.Spec.Name, maxBeside, t.n)
	}
	t.Measured = t.plan.facts.Metrics
	t.beside = make([]Beside, t.n)
	pt := t.plan.newPoint()
	for i := range t.n {
		pt.open(i)
		b := &t.beside[i]
		b.Measured, b.Rows, b.Source = t.plan.facts.of(pt.get)
	}
	return t.eachRun(ctx, func(i int, m *arch.Accelerator, w *workload.Workload, r *sim.Result) error {
		b := &t.beside[i]
		b.Kernel, b.Fit, b.Room = kernelOf(m, w), r.Totals.Fit.String(), r.Totals.Fit.Sizes()
		b.Energy = m.Energy.MAC.Source
		return nil
	})
}

// Beside is what stands beside a point; the sweep has measured figures if [Table.Measured]
// is not empty.
func (t *Table) Beside(i int) *Beside { return &t.beside[i] }

// kernelOf names the widths of weights that a machine takes in the place of those that it
// does not tell from wider ones, "" if it has all.
func kernelOf(m *arch.Accelerator, w *workload.Workload) string {
	var widths []int
	for i := range w.Ops {
		for _, bits := range w.Ops[i].WeightBits {
			if k := m.Array.RoundWeight(int(bits)); k != int(bits) && !slices.Contains(widths, k) {
				widths = append(widths, k)
			}
		}
	}
	slices.Sort(widths)
	var parts []string
	for _, k := range widths {
		parts = append(parts, fmt.Sprintf("%d-bit", k))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, ", ") + " kernel"
}

// besideColumns are the columns of files for what stands beside the points.
func (t *Table) besideColumns() []string {
	if len(t.Measured) == 0 {
		return nil
	}
	var names []string
	for _, m := range t.Measured {
		names = append(names, measuredPrefix+Metrics[m].Key)
	}
	return append(names, columnRows, columnFrom, columnKernel, columnFit, columnRoom, columnEnergy)
}

// besideCells appends the cells of a point.
func (t *Table) besideCells(row []string, i int) []string {
	if len(t.Measured) == 0 {
		return row
	}
	b := &t.beside[i]
	for _, x := range b.Measured {
		row = append(row, figure(x))
	}
	return append(row, strconv.Itoa(b.Rows), b.Source, b.Kernel, b.Fit, b.Room, b.Energy)
}

// readBeside reads the cells of a point.
func (t *Table) readBeside(columns []column, row []string) error {
	var b Beside
	for i, c := range columns {
		switch c.name {
		case columnRows:
			n, err := strconv.Atoi(row[i])
			if err != nil {
				return fmt.Errorf("%s = %q: want a whole number", c.name, row[i])
			}
			b.Rows = n
		case columnFrom:
			b.Source = row[i]
		case columnKernel:
			b.Kernel = row[i]
		case columnFit:
			b.Fit = row[i]
		case columnRoom:
			b.Room = row[i]
		case columnEnergy:
			b.Energy = row[i]
		default:
			if !strings.HasPrefix(c.name, measuredPrefix) {
				continue
			}
			x, err := c.figure(row[i])
			if err != nil {
				return err
			}
			b.Measured = append(b.Measured, x)
		}
	}
	t.beside = append(t.beside, b)
	return nil
}
