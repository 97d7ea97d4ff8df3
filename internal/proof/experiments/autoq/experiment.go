package autoq

import (
	"context"
	"slices"
	"sync"

	"bitcycle/arch"
	"bitcycle/evaluate"
	"bitcycle/kernels"
	"bitcycle/quantizers"
	"bitcycle/quantizers/autoq"
)

// experiment is a subject under all methods on all machines.
type experiment struct {
	opt      *Options
	subject  *Subject
	plan     Plan
	machines []*arch.Accelerator
	ranges   *quantizers.Ranges
	float    []float32 // logits on the reward images
	right    []bool    // test images that the float network gets right
	known    *autoq.Sensitivity
	store    store
	wide     map[string]*found // 8 bits everywhere, by how it is quantized

	mu          sync.Mutex
	total, done float64 // work
}

func newExperiment(opt *Options) (*experiment, error) {
	s := opt.Subject
	e := &experiment{opt: opt, subject: s, plan: s.Plan, known: s.Sensitivity, store: newStore(opt.Folder, s), wide: map[string]*found{}}
	for _, name := range opt.machines() {
		m, err := arch.Load(name, nil)
		if err != nil {
			return nil, err
		}
		e.machines = append(e.machines, m)
	}
	var err error
	if e.ranges, err = quantizers.Observe(s.Net, s.Calib); err != nil {
		return nil, err
	}
	test, err := floatLogits(s.Net, s.Test, opt.Workers)
	if err != nil {
		return nil, err
	}
	e.right = correct(test, s.Labels)
	e.float, err = floatLogits(s.Net, s.Images, opt.Workers)
	return e, err
}

// floatLogits executes a float network.
func floatLogits(net *kernels.Network, images kernels.Batch, workers int) ([]float32, error) {
	plan, err := kernels.Compile(net, kernels.PlanOptions{Workers: workers})
	if err != nil {
		return nil, err
	}
	if images, err = images.For(net); err != nil {
		return nil, err
	}
	logits := make([]float32, images.N*plan.Classes)
	return logits, plan.Run(images, logits)
}

// integerLogits executes a quantized network.
func integerLogits(q *kernels.Quantized, images kernels.Batch, workers int) ([]int32, error) {
	plan, err := kernels.CompileInt(q, kernels.IntOptions{Workers: workers})
	if err != nil {
		return nil, err
	}
	if images, err = images.For(q.Net); err != nil {
		return nil, err
	}
	logits := make([]int32, images.N*plan.Classes)
	return logits, plan.Run(images, logits)
}

// correct tells which images are classified as labelled.
func correct[T float32 | int32](logits []T, labels []int) []bool {
	classes := len(logits) / len(labels)
	out := make([]bool, len(labels))
	for i, label := range labels {
		out[i] = kernels.Argmax(logits[i*classes:(i+1)*classes]) == label
	}
	return out
}

// setup is a search on a machine, by one worker of several.
func (e *experiment) setup(t *task) *autoq.Setup {
	n := e.images(t.algorithm)
	return &autoq.Setup{
		Machine: evaluate.SearchMachine(t.machine), Net: e.subject.Net, Calib: e.subject.Calib, Images: e.subject.Images.Slice(0, n), Metric: t.metric, Workers: 1,
		Ranges: e.ranges, Sensitivity: e.known, Float: e.float[:n*len(e.float)/e.subject.Images.N],
	}
}

// images is how many reward images an algorithm goes by.
func (e *experiment) images(algorithm string) int {
	all := e.subject.Images.N
	if n := e.plan.AgentImages; n > 0 && learns(algorithm) {
		return min(n, all)
	}
	return all
}

// sense measures the sensitivities, if a method needs them, once for all machines.
func (e *experiment) sense(ctx context.Context) error {
	if e.known != nil || !slices.ContainsFunc(e.opt.methods(), autoq.NeedsSensitivity) {
		return nil
	}
	stored := &autoq.Sensitivity{}
	if ok, err := e.store.load("sensitivity", stored); err != nil || ok {
		e.known = stored
		return err
	}
	setup := e.setup(&task{algorithm: "aware", machine: e.machines[0]})
	setup.Workers = e.opt.Workers
	if _, err := setup.Problem(ctx, "aware", func(done, total int) { e.opt.step(e.subject.Name+": sensitivities", done, total) }); err != nil {
		return err
	}
	e.known = setup.Sensitivity
	return e.store.save("sensitivity", e.known)
}
