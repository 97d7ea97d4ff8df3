package sweep

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
)

// work is a workload with its widths.
type work struct {
	workload *workload.Workload
	hash     string
	bytes    int64
	err      error // of the method's widths on it
}

func openModel(name string, execute bool) (*netfile.File, error) {
	if execute {
		return netfile.Load(name, onnx.Options{})
	}
	return netfile.Open(name, onnx.Options{Shapes: true})
}

// checkMethods sees that each argument of a method that varies is one of some method.
func (p *Plan) checkMethods() (errs []error) {
	if p.kind == radio {
		return nil
	}
	for i := range p.settings {
		s := &p.settings[i]
		if !s.method {
			continue
		}
		methods := p.Spec.values("method")
		if len(methods) == 0 {
			methods = []string{"uniform"}
		}
		if !slices.ContainsFunc(methods, func(m string) bool { return p.takes(m, s.key) }) {
			errs = append(errs, fmt.Errorf("%s: no key %q: want a key of the machine, an argument of %s, or one of %s", p.placeOf(s), s.key, strings.Join(methods, ", "), keyNames()))
		}
	}
	return errs
}

func keyNames() string {
	var names []string
	for _, k := range Keys {
		names = append(names, k.Name)
	}
	return strings.Join(names, ", ")
}

// takes tells whether a method has an argument.
func (p *Plan) takes(method, key string) bool {
	name, _, _ := strings.Cut(method, ":")
	if name == "" {
		name = "uniform"
	}
	id := name + ":" + key
	p.mu.RLock()
	takes, known := p.fit[id]
	p.mu.RUnlock()
	if !known {
		takes = evaluate.TakesArgument(name, key)
		p.mu.Lock()
		p.fit[id] = takes
		p.mu.Unlock()
	}
	return takes
}

// method is the method of a point with the arguments of its axes, "" if there is none.
func (pt *point) method() string {
	p := pt.plan
	spec := pt.get("method")
	var args []string
	for i := range p.settings {
		if s := &p.settings[i]; s.method && p.takes(spec, s.key) {
			args = append(args, s.key+"="+p.value(s, pt.digits))
		}
	}
	if len(args) == 0 {
		return spec
	}
	if spec == "" {
		spec = "uniform"
	}
	separator := ":"
	if strings.Contains(spec, ":") {
		separator = ","
	}
	return spec + separator + strings.Join(args, ",")
}

// prepare makes the workloads of all methods, so that a name that is not known or a width
// that is not allowed is told before the work.
func (p *Plan) prepare(ctx context.Context) error {
	if p.kind != costs {
		return p.prepareLab(ctx)
	}
	var errs []error
	p.eachCombination(func(s *setting) bool {
		return s.method || s.key == "method" || s.key == "workload" || s.key == "network"
	}, func(pt *point) {
		if w := p.workOf(pt); w.err != nil {
			errs = append(errs, w.err)
		}
	})
	if len(errs) > 0 && len(errs) == len(p.work) { // none works
		return errs[0]
	}
	return nil
}

// eachCombination calls f with the first point of every combination of the settings that
// are meant.
func (p *Plan) eachCombination(meant func(*setting) bool, f func(*point)) {
	var axes []int
	for i := range p.settings {
		if s := &p.settings[i]; s.axis >= 0 && meant(s) && !slices.Contains(axes, s.axis) {
			axes = append(axes, s.axis)
		}
	}
	pt := p.newPoint()
	var walk func(k int)
	walk = func(k int) {
		if k == len(axes) {
			f(pt)
			return
		}
		for d := range p.space.lengths[axes[k]] {
			pt.digits[axes[k]] = d
			walk(k + 1)
		}
		pt.digits[axes[k]] = 0
	}
	walk(0)
}

// workOf returns the workload of a point.
func (p *Plan) workOf(pt *point) *work {
	name, network, method := pt.get("workload"), pt.get("network"), pt.method()
	key := name + "\x00" + network + "\x00" + method
	p.mu.RLock()
	w := p.work[key]
	p.mu.RUnlock()
	if w != nil {
		return w
	}
	w = p.makeWork(name, network, method)
	p.mu.Lock()
	p.work[key] = w
	p.mu.Unlock()
	return w
}

func (p *Plan) makeWork(name, network, method string) *work {
	w := &work{}
	if network != "" {
		file, err := p.options.Network(network, false)
		if err == nil {
			w.workload, err = evaluate.Workload(file, method)
		}
		w.err = err
	} else if w.workload, w.err = zoo.Load(name); w.err == nil && method != "" {
		w.err = evaluate.Requantize(w.workload, method)
	}
	if w.err == nil {
		w.bytes = evaluate.WeightBytes(w.workload)
		w.hash, w.err = hashOfWorkload(w.workload)
	}
	if w.err != nil {
		w.hash = "none of " + name + network + " " + method
	}
	return w
}

// identify hashes what a point is.
func (p *Plan) identify(pt *point) ID {
	switch p.kind {
	case radio:
		return p.identifyRadio(pt)
	case measures:
		pt.begin(p.hardware[pt.get("machine")].hash)
		pt.line("quantization", p.lab.key(pt))
	default:
		pt.begin(p.hardware[pt.get("machine")].hash)
		pt.line("work", p.workOf(pt).hash)
	}
	return idOf(pt.text)
}

// Evaluator evaluates points of a plan one after the other; several may work at a time,
// each by itself.
type Evaluator struct {
	point
	last   string // settings of the machine below
	on     *arch.Accelerator
	doubt  evaluate.Doubt // about it
	pricer evaluate.Pricer
	err    error
}

// NewEvaluator begins.
func (p *Plan) NewEvaluator() *Evaluator { return &Evaluator{point: *p.newPoint()} }

// evaluate finds the figures of point i, whatever becomes of it.
func (e *Evaluator) evaluate(ctx context.Context, i int) (Result, error) {
	e.open(i)
	id := e.plan.identify(&e.point)
	r := newResult(id)
	var err error
	switch e.plan.kind {
	case radio:
		err = e.radio(ctx, &r)
	case measures:
		err = e.measure(ctx, &r)
	default:
		w := e.plan.workOf(&e.point)
		if err = w.err; err == nil {
			err = e.price(w, &r)
		}
	}
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	var fatal *fatalError
	switch {
	case errors.As(err, &fatal):
		return r, fatal.error
	case err != nil:
		return failed(id, err), nil
	}
	return r, nil
}

// fatalError ends a sweep: it is no property of a point.
type fatalError struct{ error }

// price charges the workload to the machine of the point.
func (e *Evaluator) price(w *work, r *Result) error {
	m, err := e.machine()
	if err != nil {
		return err
	}
	c, err := e.pricer.Price(m, w.workload)
	if err != nil {
		return err
	}
	v := &r.Values
	v[latency], v[interval], v[energy], v[dram] = c.LatencyPerImageS(), c.IntervalPerImageS(), c.EnergyPerImagePJ(), c.DRAMBytesPerImage()
	v[edp] = v[latency] * v[energy] * 1e-12
	v[cycles], v[weights] = float64(c.Cycles()), float64(w.bytes)
	if c.AreaMM2 > 0 {
		v[area] = c.AreaMM2
	}
	time, spent := e.doubt.Latency(v[latency]), e.doubt.Energy(&c.Energy)
	v[latencyLow], v[latencyHigh] = time.Low, time.High
	v[energyLow], v[energyHigh] = spent.Low/float64(c.Batch), spent.High/float64(c.Batch)
	return nil
}

// machine is the machine of the point with its settings, on the footing. Neighbours often
// have the same.
func (e *Evaluator) machine() (*arch.Accelerator, error) {
	name := e.get("machine")
	footing := e.get("batch") + " " + e.get("bandwidth_gb_s")
	key := name + "\n" + footing + "\n" + strings.Join(e.sets, "\n")
	if key == e.last {
		return e.on, e.err
	}
	e.last = key
	e.on, e.err = e.plan.hardware[name].base.With(e.plan.over(e.sets)...)
	if f := e.plan.footing[footing]; e.err == nil && f != nil {
		e.on, _, e.err = f.Place(e.on)
	}
	if e.err == nil {
		e.doubt = evaluate.DoubtOf(e.on, evaluate.UsualDoubt)
	}
	return e.on, e.err
}
