package bcgd

import (
	"context"
	"errors"
	"fmt"

	"bitcycle/internal/files"
	"bitcycle/kernels"
	"bitcycle/kernels/train"
	"bitcycle/kernels/workload"
)

// Config says how a network is quantized and trained.
type Config struct {
	WeightBits, ActBits int // 1 to 8
	// FirstBits and LastBits are the weight bits of the first and the last layer,
	// LastBits also the width of its input; 0: as all others.
	FirstBits, LastBits int
	InputBits           int // of the images

	Weights WeightRule // of all layers but ends of another width
	Acts    ActRule

	Kind      AlphaKind
	AlphaRate float64 // factor of the gradient of α

	Epochs                int // 0: ranges are fitted, weights projected, nothing is trained
	Batch                 int
	Rate                  float64 // learning rate, falling tenfold at each of Drops
	Drops                 []float64
	Momentum, WeightDecay float64
	Rho                   float64 // ρ of the blend; 0 is BinaryConnect
	Seed                  uint64
	Workers               int // 0: all processors; changes no result

	Calibration int    // training images that ranges are measured on
	Checkpoint  string // as in train.Options
	Start       string // checkpoint of another quantized run of the network to start at; "": the float weights
	Progress    func(train.Progress)
	EpochDone   func(train.History)
}

// Defaults returns the settings of the authors' code with ends of 8 bits, for
// the number of epochs: learning rate 0.01, falling at 60 % and 85 % of the time.
func Defaults(weightBits, actBits, epochs int) Config {
	e := float64(epochs)
	return Config{
		WeightBits: weightBits, ActBits: actBits, FirstBits: 8, LastBits: 8, InputBits: 8,
		Weights: Projected, Acts: Ceiling, Kind: ThreeValued, AlphaRate: 0.01,
		Epochs: epochs, Batch: 64, Rate: 0.01, Drops: []float64{0.6 * e, 0.85 * e},
		Momentum: 0.9, WeightDecay: 1e-4, Rho: 1e-5, Calibration: 512,
	}
}

// Validate reports all settings that are out of range.
func (c *Config) Validate() error {
	var errs []error
	within := func(what string, value, lo, hi int) {
		if value < lo || value > hi {
			errs = append(errs, fmt.Errorf("%s %d: must be %d to %d", what, value, lo, hi))
		}
	}
	within("weight bits", c.WeightBits, 1, 8)
	within("activation bits", c.ActBits, 1, 8)
	within("bits of the first layer", c.FirstBits, 0, 8)
	within("bits of the last layer", c.LastBits, 0, 8)
	within("bits of the images", c.InputBits, 2, workload.MaxBits)
	switch c.Kind {
	case ThreeValued, Exactly, TwoValued, Smallest:
	default:
		errs = append(errs, fmt.Errorf("derivative %q: must be mean, ae, pact or min", c.Kind))
	}
	if !(c.Rho >= 0 && c.Rho <= 1) {
		errs = append(errs, fmt.Errorf("rho %g: must be 0 to 1", c.Rho))
	}
	return errors.Join(append(errs, c.checkRules())...)
}

// name is that of the network with what distinguishes the run, so that a
// checkpoint fits no other.
func (c *Config) name(network string) string {
	return fmt.Sprintf("%s (bcgd w%da%d, ends %d %d, images %d, %s %s, kind %s, rate %g)", network,
		c.WeightBits, c.ActBits, c.FirstBits, c.LastBits, c.InputBits, c.Weights, c.Acts, c.Kind, c.AlphaRate)
}

// Network is a network with quantized weights and activations in trainable
// form. Evaluating Model is the simulated quantized network in float32.
type Network struct {
	Model   *train.Model
	Config  Config
	name    string
	rewrite *rewriter
}

// FromNetwork prepares a float network, which may have its batch
// normalizations folded, for training: they are put back with the statistics of
// the data, and all grids start where they fit the data best. data is not
// augmented for that.
func FromNetwork(ctx context.Context, net *kernels.Network, data *train.Data, c Config) (*Network, error) {
	spec, err := train.FromNetwork(net, true)
	if err != nil {
		return nil, err
	}
	return New(ctx, spec, data, c)
}

// New prepares a specification, with or without weights, for training.
func New(ctx context.Context, spec *train.Spec, data *train.Data, c Config) (*Network, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	r, err := rewrite(spec, c)
	if err == nil {
		err = r.check()
	}
	if err != nil {
		return nil, err
	}
	m, err := train.New(r.to, c.Seed, c.Workers)
	if err != nil {
		return nil, err
	}
	if c.Start != "" {
		if err := start(ctx, m, c.Start); err != nil {
			return nil, err
		}
	}
	n := &Network{Model: m, Config: c, name: spec.Name, rewrite: r}
	for _, u := range r.all {
		if a, ok := u.(*ceiling); ok {
			a.model = m
		}
	}
	return n, n.calibrate(ctx, data)
}

// start takes the weights and statistics of a checkpoint.
func start(ctx context.Context, m *train.Model, path string) error {
	data, err := files.Read(ctx, path, files.Data)
	if err != nil {
		return fmt.Errorf("start %w", err)
	}
	if err := m.SetWeights(data); err != nil {
		return fmt.Errorf("start %s: %w", path, err)
	}
	return nil
}

// calibrate measures the float network on some images and starts all grids and
// batch statistics there.
func (n *Network) calibrate(ctx context.Context, data *train.Data) error {
	few := *data
	few.Images = data.Images.Slice(0, min(data.Images.N, max(n.Config.Calibration, 1)))
	gauges := make([]*gauge, len(n.rewrite.all))
	for i, u := range n.rewrite.all {
		gauges[i] = &gauge{}
		u.watch(gauges[i])
	}
	if err := n.measure(ctx, &few); err != nil {
		return err
	}
	for i, u := range n.rewrite.all {
		u.watch(nil)
		switch u := u.(type) {
		case *ceiling:
			u.start(gauges[i])
		case *rounding:
			u.start(gauges[i])
		}
	}
	n.quantize(true)
	n.follow()
	return n.Model.Reestimate(ctx, &few, n.Config.Batch)
}

// measure passes the images through the network without activation grids: the
// float network, whose batch statistics are set and whose function is kept, or
// with projected weights, if they come from a quantized run, by batch statistics.
func (n *Network) measure(ctx context.Context, few *train.Data) error {
	if n.Config.Start != "" {
		return n.Model.Reestimate(ctx, few, n.Config.Batch)
	}
	n.quantize(false)
	return n.Model.Recalibrate(ctx, few)
}

// quantize turns the projection of weights on or off.
func (n *Network) quantize(on bool) {
	for _, p := range n.rewrite.weights {
		p.off = !on
	}
}

// follow sets the grids that depend on trained resolutions.
func (n *Network) follow() {
	for _, u := range n.rewrite.all {
		if r, ok := u.(*rounding); ok {
			r.follow()
		}
	}
}

// Train trains the network by blended coarse gradient descent,
//
//	base = (1−ρ)·w_f + ρ·w;   buf ← μ·buf + g + λ·base;   w_f ← base − η·buf
//
// with g taken at w = proj_Q(w_f), and returns the loss curve. test, which may
// be nil, is measured after each epoch with projected weights. The outcome does
// not depend on the number of workers; if the context ends it can be continued
// from the checkpoint, bit for bit.
func (n *Network) Train(ctx context.Context, data, test *train.Data) (train.History, error) {
	c := &n.Config
	if c.Epochs == 0 {
		return nil, nil
	}
	h, err := train.Fit(ctx, n.Model, data, test, train.Options{
		Epochs: c.Epochs, Batch: c.Batch, Rate: train.Steps(c.Rate, 0.1, c.Drops...),
		Rule: train.Rule{Momentum: float32(c.Momentum), Decay: float32(c.WeightDecay), Blend: float32(c.Rho)},
		Seed: c.Seed, BeforeStep: n.before,
		Progress: c.Progress, EpochDone: c.EpochDone, Checkpoint: c.Checkpoint,
	})
	n.before(float64(len(h)))
	return h, err
}

// before sets what changes with time: grids that follow trained ones, and the
// relaxation of BinaryRelax.
func (n *Network) before(time float64) {
	n.follow()
	for _, p := range n.rewrite.weights {
		p.eta = relaxation(time / float64(n.Config.Epochs))
	}
}

// Alphas returns the trained resolutions in the order of the network; one at
// 1e-3 has collapsed to its limit, usually by too large a rate.
func (n *Network) Alphas() []float64 {
	var list []float64
	for _, u := range n.rewrite.all {
		if a, ok := u.(*ceiling); ok {
			list = append(list, a.alpha())
		}
	}
	return list
}

// Evaluate measures the simulated quantized network.
func (n *Network) Evaluate(ctx context.Context, data *train.Data) (train.Metrics, error) {
	return n.Model.Evaluate(ctx, data)
}
