package autoq

import (
	"context"
	"errors"
	"fmt"

	"bitcycle/kernels"
	"bitcycle/quantizers"
)

// Method searches the widths of a network for a machine and quantizes it with
// them. It measures on the calibration images how far a policy takes the classes
// from the float network's, so it needs no labels.
type Method struct {
	Spec    string // as the user wrote it
	Machine Machine
	Options Options
	Metric  Metric
	PinEnds bool
	// WeightMin and ActMin are as in [Setup].
	WeightMin, ActMin *uint8
	Workers           int
	// Checkpoint is a file that keeps what the search has measured; a search
	// that finds its own goes on where that one ended. "" = none.
	Checkpoint string
	// Progress gets the state of the search, beside the steps that Quantize reports.
	Progress func(Progress)
	// Result is the outcome of the last search.
	Result *Result
}

// Info describes the method.
var Info = quantizers.Info{
	Name: "autoq", Usage: "autoq:algo=aware,budget=0.3",
	About: "searches widths for each channel by the machine's own cost (Lou et al., ICLR 2020), with rivals and an allocator that knows the machine",
	Keys: map[string]string{
		"algo":   "search: aware knows the machine; autoq, autoq+, haq, haq+, flat learn by episodes; greedy, layer, kernel, tile, hawq allocate by sensitivity",
		"budget": "share of the cost of 8 bits everywhere", "metric": "what the budget is of",
		"moves": "measured refinements of aware; 0 = its own number", "rebalance": "learning: scale an episode's widths to the budget at its end; no = limit them layer by layer, as published",
		"prior": "begin with the best uniform widths within the budget, and never end below them", "frozen": "learning: without updates, to see what they add",
		"wmin": "narrowest width of weights; -1 = the algorithm's own, 2 of those that learn", "amin": "narrowest width of activations; -1 as for weights",
		"episodes": "of learning; 0 = 400", "hidden": "units of the agents' two hidden layers; 0 = 300", "updates": "of an agent after an episode at most; 0 = 200",
		"td3":      "learning: two critics, smoothed targets and a delayed actor instead of plain DDPG",
		"features": "learning: agents see spread, peak, remaining budget and sensitivity of each channel too",
		"floor":    "learning: reward low cost above this accuracy (0 to 1) instead of accuracy within the budget; 0 = off",
		"psi":      "exponent of latency and energy in that reward", "pin": "keep the first and the last layer at 8 bits",
	},
}

// Parse reads "algo=aware,budget=0.3,metric=cycles,episodes=400,…"; spec is the
// whole method as written. The method still needs its machine.
func Parse(spec, text string, seed int64) (*Method, error) {
	args := quantizers.ParseArgs(spec, text)
	m := &Method{Spec: spec}
	m.Options = Options{
		Algorithm: args.Choice("algo", "aware", Algorithms...),
		Budget:    args.Float("budget", 0.3, 0.001, 1),
		Seed:      uint64(seed),
		Moves:     args.Int("moves", 0, 0, 1000000),
		Rebalance: args.Bool("rebalance", true),
		Prior:     args.Bool("prior", true),
		Frozen:    args.Bool("frozen", false),
		Agent: AgentOptions{
			Episodes: args.Int("episodes", 0, 0, 1000000),
			Hidden:   args.Int("hidden", 0, 0, 4096),
			Updates:  args.Int("updates", 0, 0, 1000000),
			TD3:      args.Bool("td3", false),
			Features: args.Bool("features", false),
		},
	}
	floor := args.Float("floor", 0, 0, 1)
	if psi := args.Float("psi", 0.03, 0, 1); floor > 0 {
		m.Options.Agent.Guarantee = &Guarantee{Latency: psi, Energy: psi, Floor: floor}
	}
	if args.Choice("metric", "cycles", "cycles", "energy") == "energy" {
		m.Metric = Energy
	}
	m.PinEnds = args.Bool("pin", false)
	m.WeightMin, m.ActMin = narrowest(args, m.Options.Algorithm)
	if err := args.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// narrowest reads the narrowest widths: 2 of algorithms that learn, of others their own.
func narrowest(args *quantizers.Args, algorithm string) (weight, act *uint8) {
	width := func(key string) *uint8 {
		x := args.Int(key, -1, -1, MaxBits)
		if x < 0 {
			if !Learns(algorithm) {
				return nil
			}
			x = 2
		}
		w := uint8(x)
		return &w
	}
	return width("wmin"), width("amin")
}

// Name returns the method as written.
func (m *Method) Name() string { return m.Spec }

// LooksAtMachine reports that the widths found are for the machine.
func (*Method) LooksAtMachine() bool { return true }

// Quantize searches and quantizes.
func (m *Method) Quantize(ctx context.Context, net *kernels.Network, calib kernels.Batch, progress func(done, total int)) (*kernels.Quantized, error) {
	if m.Machine == nil {
		return nil, errNoMachine
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	setup := &Setup{Machine: m.Machine, Net: net, Calib: calib, Images: calib, Metric: m.Metric, PinEnds: m.PinEnds, WeightMin: m.WeightMin, ActMin: m.ActMin, Workers: m.Workers}
	policy, err := m.search(ctx, setup, progress)
	if err != nil {
		return nil, err
	}
	return setup.Ranges.Quantize(context.WithoutCancel(ctx), policy, calib, Quantization(m.Options.Algorithm), nil)
}

// search returns the policy found; when ctx ends, the best so far.
func (m *Method) search(ctx context.Context, setup *Setup, progress func(done, total int)) (_ *quantizers.Policy, err error) {
	saver := newSaver(m, setup.Net)
	unlock, err := saver.lock()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	known, err := saver.resume(ctx, setup)
	if err != nil {
		return nil, err
	}
	half := &halves{report: progress}
	sensing := half.first
	if allocates(m.Options.Algorithm) {
		sensing = progress // the rest takes no time
	}
	problem, err := setup.Problem(ctx, m.Options.Algorithm, sensing)
	if err != nil {
		return nil, err
	}
	if s := problem.Sensitivity; s != nil {
		if err := s.check(problem); err != nil {
			return nil, fmt.Errorf("%s: %w", saver.path, err)
		}
	}
	problem.Known = known
	options := m.Options
	options.Progress = func(p Progress) {
		half.second(p.Done, p.Total)
		if m.Progress != nil {
			m.Progress(p)
		}
		saver.tick(problem)
	}
	m.Result, err = Run(ctx, problem, options)
	if err := errors.Join(err, saver.save(problem)); err != nil {
		return nil, err
	}
	if err := m.alive(ctx, problem); err != nil {
		return nil, err
	}
	return m.Result.Policy.Named(m.Spec, problem.Layers), nil
}

// alive finds fault with a network that says hardly more than chance.
func (m *Method) alive(ctx context.Context, p *Problem) error {
	agrees, chance, err := p.agreement(context.WithoutCancel(ctx), m.Result.Policy)
	if err != nil || agrees > deadFactor*chance {
		return err
	}
	return fmt.Errorf("%s: the best policy within budget gives the float network's class with a probability of %.3g, and chance is %.3g: give a larger budget, wider wmin and amin, or more episodes", m.Spec, agrees, chance)
}

// deadFactor is how much likelier than by chance a network must be right to be one.
const deadFactor = 1.5

// halves reports the measuring of sensitivities, if there is any, and the search as
// halves of one work, in steps of the first.
type halves struct {
	report func(done, total int)
	steps  int // of the first half
}

func (h *halves) first(done, total int) {
	h.steps = total
	h.report(done, 2*total)
}

func (h *halves) second(done, total int) {
	if h.steps > 0 {
		done, total = h.steps+h.steps*done/total, 2*h.steps
	}
	h.report(done, total)
}
