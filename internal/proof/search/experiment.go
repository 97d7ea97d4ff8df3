package search

import (
	"context"
	"slices"
	"sync"

	"bitcycle/arch"
	"bitcycle/kernels"
	"bitcycle/quantizers"
	"bitcycle/quantizers/autoq"
)

// experiment is a subject under all methods on all machines.
type experiment struct {
	opt      *ReproduceOptions
	subject  *Subject
	plan     Plan
	machines []*arch.Accelerator
	ranges   *quantizers.Ranges
	float    []float32 // logits on the reward images
	test     *reward   // on the test images
	right    []bool    // test images that the float network gets right
	known    *autoq.Sensitivity
	store    store
	wide     map[string]*found // 8 bits everywhere, by how it is quantized

	mu          sync.Mutex
	total, done float64 // work
}

func newExperiment(opt *ReproduceOptions) (*experiment, error) {
	s := opt.Subject
	e := &experiment{opt: opt, subject: s, plan: s.Plan, known: s.Sensitivity, store: newStore(opt.Folder, s)}
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
	if e.test, err = newReward(e.ranges, s.Test, nil, opt.Workers); err != nil {
		return nil, err
	}
	e.test.calib = s.Calib
	classes := len(e.test.float) / s.Test.N
	for i, label := range s.Labels {
		e.right = append(e.right, kernels.Argmax(e.test.float[i*classes:(i+1)*classes]) == label)
	}
	images, err := newReward(e.ranges, s.Images, nil, opt.Workers)
	if err != nil {
		return nil, err
	}
	e.float = images.float
	return e, nil
}

// setup is a search on a machine, by one worker of several.
func (e *experiment) setup(t *task) *Setup {
	n := e.images(t.algorithm)
	return &Setup{
		Machine: t.machine, Net: e.subject.Net, Calib: e.subject.Calib, Images: e.subject.Images.Slice(0, n), Metric: t.metric, Workers: 1,
		Ranges: e.ranges, Sensitivity: e.known, float: e.float[:n*len(e.float)/e.subject.Images.N],
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
