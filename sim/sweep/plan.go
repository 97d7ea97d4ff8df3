package sweep

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"bitcycle/arch"
	"bitcycle/internal/strict"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/shipped"
)

// Options is what a plan needs beside the sweep.
type Options struct {
	// Network finds a network by name or path, its weights too if it is to be executed;
	// nil takes the shipped one and files.
	Network func(name string, execute bool) (*netfile.File, error)
	Workers int // of one measurement; 0 = as many as processors
}

// Plan is a sweep that is ready to run: its points are numbered from 0 to Len() − 1.
type Plan struct {
	Spec *Spec
	Keys []string // that vary, in the order of the file

	kind     kind
	space    space
	chosen   []int64 // points of the space; nil takes all
	n        int
	settings []setting // that belong to points, by key
	hardware map[string]*hardware
	footing  map[string]*arch.Footing // by batch and bandwidth; nil as published
	options  Options

	mu   sync.RWMutex
	work map[string]*work // by method and what it quantizes
	lab  *lab             // of measured sweeps
	// groups are the ends of the points of one quantization; nil where none is measured.
	groups []int
	fit    map[string]bool // whether a method takes an argument
}

// kind is what is found out about a point.
type kind string

const (
	costs    kind = "cost"     // of shapes and widths
	measures kind = "accuracy" // and cost
	radio    kind = "front end"
)

// setting is where the value of a key comes from.
type setting struct {
	key     string
	axis    int // −1: fixed
	part    int // of a zipped axis
	fixed   string
	machine bool // a key of the hardware
	method  bool // an argument of the method
}

// hardware is a machine or a front end by its content.
type hardware struct {
	base    *arch.Base
	front   *arch.FrontEndBase
	machine *arch.Accelerator // without settings of axes
	hash    string
}

// Plan finds what the sweep names and numbers its points. The error tells everything that
// cannot be found or does not fit together.
func (s *Spec) Plan(ctx context.Context, o Options) (*Plan, error) {
	if o.Network == nil {
		o.Network = openNetwork
	}
	p := &Plan{Spec: s, options: o, hardware: map[string]*hardware{}, footing: map[string]*arch.Footing{}, work: map[string]*work{}, fit: map[string]bool{}}
	if err := strict.Join(s.problems()); err != nil {
		return nil, err
	}
	var errs []error
	p.kind, errs = s.kind()
	if len(errs) > 0 {
		return nil, strict.Join(errs)
	}
	p.collect()
	errs = append(errs, p.findHardware()...)
	errs = append(errs, p.findFooting()...)
	errs = append(errs, p.checkMethods()...)
	if err := strict.Join(errs); err != nil {
		return nil, err
	}
	if err := p.number(); err != nil {
		return nil, err
	}
	return p, p.prepare(ctx)
}

func openNetwork(name string, execute bool) (*netfile.File, error) {
	if name == shipped.Name {
		return shipped.File(), nil
	}
	return openModel(name, execute)
}

// kind tells what a sweep is about.
func (s *Spec) kind() (kind, []error) {
	given := func(key string) bool { return len(s.values(key)) > 0 }
	var errs []error
	var is kind
	switch subjects := count(given, "frontend", "workload", "network"); {
	case subjects == 0:
		errs = append(errs, fmt.Errorf("sweep %s: nothing to run: give network, workload or frontend in [base] or [axes]", s.Name))
	case subjects > 1:
		errs = append(errs, fmt.Errorf("sweep %s: want one of network, workload and frontend", s.Name))
	case given("frontend"):
		is = radio
	case given("data"):
		is = measures
	default:
		is = costs
	}
	if is != radio && !given("machine") && len(errs) == 0 {
		errs = append(errs, fmt.Errorf("sweep %s: give machine in [base] or [axes]", s.Name))
	}
	if given("workload") && given("data") {
		errs = append(errs, fmt.Errorf("sweep %s: a workload holds no weights: data goes with a network", s.Name))
	}
	if s.Base.AsPublished && (given("batch") || given("bandwidth_gb_s")) {
		errs = append(errs, fmt.Errorf("sweep %s: as_published keeps every machine's own batch and memory: batch and bandwidth_gb_s do not go with it", s.Name))
	}
	return is, errs
}

func count(given func(string) bool, keys ...string) (n int) {
	for _, key := range keys {
		if given(key) {
			n++
		}
	}
	return n
}

// collect lists the settings of points, sorted by key.
func (p *Plan) collect() {
	for a := range p.Spec.Axes {
		axis := &p.Spec.Axes[a]
		p.space.lengths = append(p.space.lengths, len(axis.Values))
		for k, key := range axis.Keys {
			p.Keys = append(p.Keys, key)
			p.settings = append(p.settings, setting{key: key, axis: a, part: k})
		}
	}
	for key, v := range p.Spec.Base.Settings {
		if !slices.Contains(p.Keys, key) {
			p.settings = append(p.settings, setting{key: key, axis: -1, fixed: v})
		}
	}
	for i := range p.settings {
		s := &p.settings[i]
		s.machine = ofHardware(s.key)
		s.method = !s.machine && !reserved(s.key)
	}
	slices.SortFunc(p.settings, func(a, b setting) int { return strings.Compare(a.key, b.key) })
}

// value is what a setting is at a point.
func (p *Plan) value(s *setting, digits []int) string {
	if s.axis < 0 {
		return s.fixed
	}
	return p.Spec.Axes[s.axis].Values[digits[s.axis]][s.part]
}

// get is the value of a key at a point, "" if nobody sets it.
func (p *Plan) get(key string, digits []int) string {
	for i := range p.settings {
		if p.settings[i].key == key {
			return p.value(&p.settings[i], digits)
		}
	}
	return ""
}

// findHardware loads the machines, and sees that each key of the hardware is one of some
// of them.
func (p *Plan) findHardware() (errs []error) {
	if p.kind == radio {
		return p.findFrontEnds()
	}
	for _, name := range p.Spec.values("machine") {
		base, err := arch.Open(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		h := &hardware{base: base}
		if h.machine, err = base.With(p.Spec.Base.Set...); err != nil {
			errs = append(errs, err)
			continue
		}
		if h.hash, err = machineHash(h.machine); err != nil {
			errs = append(errs, err)
		}
		p.hardware[name] = h
	}
	if len(errs) > 0 {
		return errs
	}
	return p.checkKeys(func(h *hardware, set string) error {
		_, err := h.base.With(p.over([]string{set})...)
		return err
	})
}

// over puts settings of a point over those of the base.
func (p *Plan) over(sets []string) []string {
	if len(p.Spec.Base.Set) == 0 {
		return sets
	}
	return append(slices.Clone(p.Spec.Base.Set), sets...)
}

// anyMachine is one of the machines.
func (p *Plan) anyMachine() *arch.Accelerator { return p.hardware[p.Spec.values("machine")[0]].machine }

// checkKeys reports keys of the hardware that no machine of the sweep has.
func (p *Plan) checkKeys(try func(h *hardware, set string) error) (errs []error) {
	for i := range p.settings {
		s := &p.settings[i]
		if !s.machine {
			continue
		}
		var unknown error
		known := false
		for _, h := range p.hardware {
			err := try(h, s.key+"="+p.Spec.values(s.key)[0])
			if err == nil || !strings.Contains(err.Error(), "no key") {
				known = true
				break
			}
			unknown = err
		}
		if !known {
			errs = append(errs, fmt.Errorf("%s: %w", p.placeOf(s), unknown))
		}
	}
	return errs
}

// placeOf tells where a setting was written.
func (p *Plan) placeOf(s *setting) string {
	if s.axis >= 0 {
		return p.Spec.Axes[s.axis].At
	}
	return "base"
}

// machineHash is that of a machine and of the memory part it names.
func machineHash(m *arch.Accelerator) (string, error) {
	hash, err := hashOfMachine(m)
	if err != nil || m.Memory.Kind != "dram" {
		return hash, err
	}
	part, err := arch.LoadDRAM(m.Memory.Preset)
	if err != nil {
		return "", err
	}
	dram, err := hashOfMachine(part)
	return hash + "+" + dram, err
}

// findFooting makes a footing for each batch and bandwidth.
func (p *Plan) findFooting() (errs []error) {
	batches, bandwidths := p.Spec.values("batch"), p.Spec.values("bandwidth_gb_s")
	if len(batches) == 0 {
		batches = []string{""}
	}
	if len(bandwidths) == 0 {
		bandwidths = []string{""}
	}
	for _, batch := range batches {
		for _, bandwidth := range bandwidths {
			f := &arch.Footing{Batch: 1}
			var err error
			if batch != "" {
				if f.Batch, err = strconv.Atoi(batch); err != nil || f.Batch < 1 {
					errs = append(errs, fmt.Errorf("batch = %s: must be a whole number of at least 1", batch))
				}
			}
			if bandwidth != "" {
				gbs, err := strconv.ParseFloat(bandwidth, 64)
				if err != nil || !(gbs > 0) || math.IsInf(gbs, 0) {
					errs = append(errs, fmt.Errorf("bandwidth_gb_s = %s: must be above 0", bandwidth))
				}
				f.IdealBytesPerS = gbs * 1e9
			}
			if p.Spec.Base.AsPublished {
				f = nil
			}
			p.footing[batch+" "+bandwidth] = f
		}
	}
	return errs
}

// number takes the points: all of the product, or those of the sample, without those that
// say the same as others because an argument is not one of their method's.
func (p *Plan) number() error {
	n, err := p.space.size()
	if err != nil {
		return fmt.Errorf("sweep %s: %w", p.Spec.Name, err)
	}
	sampled := p.Spec.Sample.Count > 0
	if n > mostPoints && !sampled {
		return fmt.Errorf("sweep %s: %d points: at most %d are run; take a sample of them (sample.count, --sample)", p.Spec.Name, n, mostPoints)
	}
	if sampled {
		if p.Spec.Sample.Count > mostPoints {
			return fmt.Errorf("sweep %s: sample.count = %d: at most %d", p.Spec.Name, p.Spec.Sample.Count, mostPoints)
		}
		if p.chosen, err = p.space.draw(p.Spec.Sample); err != nil {
			return fmt.Errorf("sweep %s: %w", p.Spec.Name, err)
		}
	}
	if p.repeats() {
		p.dropRepeats(n)
	}
	p.n = int(n)
	if p.chosen != nil {
		p.n = len(p.chosen)
	}
	if p.n == 0 {
		return errors.New("no points")
	}
	return nil
}

// repeats tells whether there may be points that say the same.
func (p *Plan) repeats() bool {
	for i := range p.settings {
		if s := &p.settings[i]; s.method && s.axis >= 0 {
			for _, m := range p.Spec.values("method") {
				if !p.takes(m, s.key) {
					return true
				}
			}
		}
	}
	return false
}

func (p *Plan) dropRepeats(n int64) {
	var kept []int64
	digits := make([]int, len(p.space.lengths))
	keep := func(i int64) {
		p.space.digits(i, digits)
		method := p.get("method", digits)
		for k := range p.settings {
			s := &p.settings[k]
			if s.method && s.axis >= 0 && len(p.Spec.Axes[s.axis].Keys) == 1 && digits[s.axis] > 0 && !p.takes(method, s.key) {
				return
			}
		}
		kept = append(kept, i)
	}
	if p.chosen != nil {
		for _, i := range p.chosen {
			keep(i)
		}
	} else {
		for i := range n {
			keep(i)
		}
	}
	p.chosen = kept
}

// Len is the number of points.
func (p *Plan) Len() int { return p.n }

// digits writes the indices of a point's values.
func (p *Plan) digits(i int, into []int) {
	flat := int64(i)
	if p.chosen != nil {
		flat = p.chosen[i]
	}
	p.space.digits(flat, into)
}

// Values are a point's values of [Plan.Keys]; one that does not apply is empty.
func (p *Plan) Values(i int) []string {
	digits := make([]int, len(p.space.lengths))
	p.digits(i, digits)
	var out []string
	method := p.get("method", digits)
	for a := range p.Spec.Axes {
		axis := &p.Spec.Axes[a]
		for k, key := range axis.Keys {
			v := axis.Values[digits[a]][k]
			if !ofHardware(key) && !reserved(key) && !p.takes(method, key) {
				v = ""
			}
			out = append(out, v)
		}
	}
	return out
}

// Objectives are what the front is about: those of the sweep, else latency and energy,
// and accuracy where it is measured.
func (p *Plan) Objectives() (metrics []int, signs []float64) {
	minimise, maximise := p.Spec.Minimise, p.Spec.Maximise
	if len(minimise)+len(maximise) == 0 {
		switch p.kind {
		case radio:
			minimise = []string{"ser", "energy_per_bit_j"}
		case measures:
			minimise, maximise = []string{"latency_per_image_s", "energy_per_image_pj"}, []string{"top1"}
		default:
			minimise = []string{"latency_per_image_s", "energy_per_image_pj"}
		}
	}
	for _, key := range minimise {
		m, _ := metricOf(key)
		metrics, signs = append(metrics, m), append(signs, 1)
	}
	for _, key := range maximise {
		m, _ := metricOf(key)
		metrics, signs = append(metrics, m), append(signs, -1)
	}
	return metrics, signs
}
