package evaluate

import (
	"fmt"
	"slices"

	"bitcycle/arch"
	"bitcycle/kernels"
	"bitcycle/kernels/workload"
	"bitcycle/sim"
)

// machineCost prices policies of a network on a machine, op by op as they change.
type machineCost struct {
	machine *arch.Accelerator
	net     *kernels.Network
	signed  bool
	widths  []workload.LayerWidths
	touched []bool // layers whose widths have changed
	stale   bool   // how tensors between layers are stored may have changed
	form    *form
	forms   map[string]*form
	lowered map[string]lowered // by the widths of the layers' inputs
}

// lowered is a workload of a form; its weights are those of another time.
type lowered struct {
	form     *form
	workload *workload.Workload
}

// remembered bounds how many lowered workloads are kept.
const remembered = 4096

// form is the workload of one way to store the tensors between layers: that
// decides which steps become ops of their own.
type form struct {
	workload  *workload.Workload // at the widths that the evaluator has
	evaluator *sim.Evaluator
	op        []int // of each layer
	readers   [][]int
}

func newMachineCost(machine *arch.Accelerator, net *kernels.Network, signed bool, widths []workload.LayerWidths) (*machineCost, error) {
	c := &machineCost{machine: machine, net: net, signed: signed, touched: make([]bool, len(widths)), forms: map[string]*form{}, lowered: map[string]lowered{}}
	for _, w := range widths {
		c.widths = append(c.widths, workload.LayerWidths{WeightBits: slices.Clone(w.WeightBits), ActBits: w.ActBits})
	}
	_, err := c.lower()
	return c, err
}

// SetBits sets the widths of a layer.
func (c *machineCost) SetBits(layer int, weight workload.Widths, act uint8) {
	w := &c.widths[layer]
	w.WeightBits = append(w.WeightBits[:0], weight...)
	c.touched[layer] = true
	c.stale = c.stale || w.ActBits != act
	w.ActBits = act
}

// Cost returns cycles and energy of one batch of the machine.
func (c *machineCost) Cost() (cycles int64, energyPJ float64) {
	if c.stale {
		next, err := c.lower()
		if err != nil {
			panic("evaluate: a machine that ran other widths refuses these: " + err.Error())
		}
		c.form.update(next)
	} else {
		for layer, touched := range c.touched {
			if touched {
				i := c.form.op[layer]
				c.form.set(i, &workload.Op{WeightBits: c.widths[layer].WeightBits, ActBits: c.widths[layer].ActBits})
			}
		}
	}
	c.stale = false
	clear(c.touched)
	return c.form.evaluator.Cost()
}

// lower returns the workload of the widths and selects its form.
func (c *machineCost) lower() (*workload.Workload, error) {
	acts := make([]byte, len(c.widths))
	for i := range c.widths {
		acts[i] = c.widths[i].ActBits
	}
	known, ok := c.lowered[string(acts)]
	if !ok {
		var err error
		if known, err = c.lowerNew(); err != nil {
			return nil, err
		}
		if len(c.lowered) == remembered {
			clear(c.lowered)
		}
		c.lowered[string(acts)] = known
	}
	c.form = known.form
	for layer, i := range c.form.op {
		known.workload.Ops[i].WeightBits = c.widths[layer].WeightBits
	}
	return known.workload, nil
}

// lowerNew lowers widths of inputs that have not been seen.
func (c *machineCost) lowerNew() (lowered, error) {
	next := kernels.LowerShape(c.net, c.widths, c.signed)
	key := ""
	for i := range next.Ops {
		op := &next.Ops[i]
		key += fmt.Sprintln(op.Name, op.Kind, op.VectorOps, op.ElementsIn, op.ElementsOut, op.From)
	}
	f := c.forms[key]
	if f == nil {
		var err error
		if f, err = newForm(c.machine, c.net, next); err != nil {
			return lowered{}, err
		}
		c.forms[key] = f
	}
	return lowered{f, next}, nil
}

func newForm(machine *arch.Accelerator, net *kernels.Network, w *workload.Workload) (*form, error) {
	own := &workload.Workload{Name: w.Name, Ops: slices.Clone(w.Ops)}
	f := &form{workload: own, readers: make([][]int, len(own.Ops))}
	at := map[string]int{}
	for i := range own.Ops {
		own.Ops[i].WeightBits = slices.Clone(own.Ops[i].WeightBits)
		at[own.Ops[i].Name] = i
		for _, from := range own.Producers(i) {
			if from >= 0 {
				f.readers[from] = append(f.readers[from], i)
			}
		}
	}
	for _, n := range net.Layers() {
		f.op = append(f.op, at[net.Nodes[n].Name])
	}
	var err error
	f.evaluator, err = sim.NewEvaluator(machine, own)
	return f, err
}

// update brings all ops to the widths of another workload of the same form.
func (f *form) update(next *workload.Workload) {
	changed := make([]bool, len(next.Ops))
	for i := range next.Ops {
		now, was := &next.Ops[i], &f.workload.Ops[i]
		stored := was.OutBits != now.OutBits || was.ActBits != now.ActBits
		changed[i] = changed[i] || stored || !slices.Equal(was.WeightBits, now.WeightBits)
		was.OutBits = now.OutBits
		for _, r := range f.readers[i] {
			changed[r] = changed[r] || stored // whether its input stays on chip
		}
	}
	for i := range changed {
		if changed[i] {
			f.set(i, &next.Ops[i])
		}
	}
}

// set gives op i the widths of another.
func (f *form) set(i int, to *workload.Op) {
	op := &f.workload.Ops[i]
	op.WeightBits, op.ActBits = append(op.WeightBits[:0], to.WeightBits...), to.ActBits
	f.evaluator.SetBits(i, op.WeightBits, op.ActBits)
}
