package sweep

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"bitcycle/arch"
	"bitcycle/internal/strict"
	"bitcycle/kernels/dataset"
	"bitcycle/kernels/netfile"
	"bitcycle/kernels/shipped"
	"bitcycle/mimo"
	"bitcycle/sim/sweep/store"
)

// Options is what a plan needs beside the sweep.
type Options struct {
	// Network finds a network by name or path, its weights too if it is to be executed;
	// nil takes the shipped one and files.
	Network func(name string, execute bool) (*netfile.File, error)
	// Images finds images by name, to calibrate on or to judge by; nil loads them.
	Images  func(ctx context.Context, name string, calib bool) (*dataset.Images, error)
	Workers int // of one measurement; 0 = as many as processors
	// Progress is told how far a measurement is; nil for silence.
	Progress func(stage string, done, total int)
	// Cache has what other sweeps have found out and gets what this one does, Kept
	// the quantizations of this one; nil for none.
	Cache, Kept *store.Cache
}

// Plan is a sweep that is ready to run: its points are numbered from 0 to Len() − 1.
type Plan struct {
	Spec *Spec
	Keys []string // that vary, in the order of the file

	kind     kind
	space    space
	chosen   []int64 // points of the space; nil takes all
	n        int
	most     int       // of a refined sample
	listed   bool      // the points were chosen one by one
	settings []setting // that belong to points, by key
	hardware map[string]*hardware
	footing  map[string]*arch.Footing // by batch and bandwidth; nil as published
	options  Options

	mu   sync.RWMutex
	work map[string]*work // by method and what it quantizes
	lab  *lab             // of measured sweeps
	read []int            // figures of results that were read; nil of a sweep that runs
	// states are simulations of error rates to go on from.
	states *mimo.States
	// groups are the ends of the points of one quantization; nil where none is measured.
	groups []int
	fit    map[string]bool // whether a method takes an argument
	facts  *Facts          // to stand beside the points; nil for none
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

// Plan finds what the sweep names and numbers its points. The error tells everything that
// cannot be found or does not fit together.
func (s *Spec) Plan(ctx context.Context, o Options) (*Plan, error) {
	if o.Network == nil {
		o.Network = openNetwork
	}
	p := &Plan{Spec: s, options: o, hardware: map[string]*hardware{}, footing: map[string]*arch.Footing{}, work: map[string]*work{}, fit: map[string]bool{}, states: &mimo.States{}}
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
	if err := p.findFacts(ctx); err != nil {
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

// Objectives are what the front is about: those of the sweep, else latency and energy,
// and accuracy where it is measured.
func (p *Plan) Objectives() (metrics []int, signs []float64) {
	minimise, maximise := p.Spec.Minimise, p.Spec.Maximise
	if len(minimise)+len(maximise) == 0 {
		switch p.kind {
		case radio:
			minimise = []string{"ser", "energy_per_bit_j"}
		case measures:
			minimise = []string{"latency_per_image_s", "energy_per_image_pj"}
			if m := p.figure(); Metrics[m].Goal < 0 {
				minimise = append(minimise, Metrics[m].Key)
			} else {
				maximise = []string{Metrics[m].Key}
			}
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
