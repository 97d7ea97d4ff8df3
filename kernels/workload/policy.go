package workload

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Layers returns the names of the ops with stored weights, in order.
func (w *Workload) Layers() []string {
	var names []string
	for i := range w.Ops {
		if w.Ops[i].Kind <= MatMul && !w.Ops[i].Dynamic {
			names = append(names, w.Ops[i].Name)
		}
	}
	return names
}

// SetWidths replaces the widths of matrix products by those of layers of the same
// names: of all ops with stored weights, and of those dynamic products that are
// named. What such an op reads is written at the width of its widest reader;
// element-wise work keeps its widths. Nothing changes if there is an error.
func (w *Workload) SetWidths(layers []LayerWidths) error {
	index, err := w.match(layers)
	if err != nil {
		return err
	}
	for i, l := range layers {
		op := &w.Ops[index[i]]
		op.WeightBits, op.ActBits = slices.Clone(l.WeightBits), l.ActBits
		for _, from := range w.Producers(index[i]) {
			if from >= 0 {
				w.Ops[from].OutBits = 0
			}
		}
	}
	return nil
}

// match returns the op of each layer.
func (w *Workload) match(layers []LayerWidths) ([]int, error) {
	at := map[string]int{}
	for i := range w.Ops {
		if w.Ops[i].Kind <= MatMul {
			at[w.Ops[i].Name] = i
		}
	}
	var errs []error
	index, given := make([]int, len(layers)), map[string]bool{}
	for i, l := range layers {
		op, known := at[l.Name]
		switch {
		case !known:
			errs = append(errs, fmt.Errorf("layer %q: workload %s has no such op with weights", l.Name, w.Name))
			continue
		case given[l.Name]:
			errs = append(errs, fmt.Errorf("layer %q: is given twice", l.Name))
		}
		if err := l.check(w.Ops[op].VirtualChannels()); err != nil {
			errs = append(errs, err)
		}
		index[i], given[l.Name] = op, true
	}
	if n := len(errs) - mostErrors; n > 0 {
		errs = append(errs[:mostErrors], fmt.Errorf("%d more", n))
	}
	missing := slices.DeleteFunc(w.Layers(), func(name string) bool { return given[name] })
	if n := len(missing); n > 0 {
		errs = append(errs, fmt.Errorf("workload %s: no widths for %d of its layers: %s", w.Name, n, strings.Join(missing[:min(n, 8)], ", ")))
	}
	return index, errors.Join(errs...)
}

// mostErrors bounds how many problems of layers are told.
const mostErrors = 20

// check reports widths that a layer of that many channels cannot have.
func (l *LayerWidths) check(channels int) error {
	if err := l.WeightBits.Check(channels); err != nil {
		return fmt.Errorf("layer %q: weight_bits = %.60s: %w", l.Name, l.WeightBits, err)
	}
	if l.ActBits < 1 || l.ActBits > MaxBits {
		return fmt.Errorf("layer %q: act_bits = %d: must be 1 to %d", l.Name, l.ActBits, MaxBits)
	}
	return nil
}
