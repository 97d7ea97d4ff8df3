package reproduce

import (
	"context"
	"fmt"
	"strings"

	"bitcycle/arch"
	"bitcycle/internal/proof"
	experiments "bitcycle/internal/proof/experiments/bcgd"
	"bitcycle/internal/stat"
	"bitcycle/kernels"
	"bitcycle/kernels/train"
	"bitcycle/quantizers/uniform"
	"bitcycle/reports"
	"bitcycle/sim"
)

// bcgdMachines are the machines that networks are priced on.
var bcgdMachines = []string{"haq-bismo-cloud", "bitfusion-eyeriss-45nm"}

// bcgdNetworks trains every subject by every arm and sets accuracy and cost side
// by side.
func bcgdNetworks(ctx context.Context, o Options, r *Report) error {
	for _, subject := range bcgdSubjects(o) {
		run := experiments.Run{Seed: uint64(o.Seed), Workers: o.Workers, Folder: o.Resume}
		run.Progress = o.stage(subject.title + ", float")
		s, err := subject.load(ctx, o, run)
		if err != nil {
			return err
		}
		t, err := newContest(ctx, s, o.Workers)
		if err != nil {
			return err
		}
		t.table.Title = subject.title
		for i, a := range subject.arms {
			run.Progress = o.stage(fmt.Sprintf("%s %s (%d of %d)", s.Name, a, i+1, len(subject.arms)))
			if err := t.arm(ctx, a, run); err != nil {
				return fmt.Errorf("%s, %s: %w", s.Name, a, err)
			}
		}
		t.report(r)
	}
	return nil
}

// stage returns a progress function of one stage.
func (o Options) stage(name string) func(done, total int) {
	return func(done, total int) { o.step(name, done, total) }
}

// contest compares ways to quantize a subject on the same test images.
type contest struct {
	subject  *experiments.Subject
	machines []*arch.Accelerator
	workers  int
	table    *reports.Table
	plot     *plot // the training's curves
	float    []bool
	right    map[experiments.Arm][]bool
	arms     []experiments.Arm // as trained
	// codes of the integer networks that were compared with the simulations, and
	// how many differ.
	images, codes, differing, decided int
}

func newContest(ctx context.Context, s *experiments.Subject, workers int) (*contest, error) {
	c := &contest{subject: s, workers: workers, right: map[experiments.Arm][]bool{}}
	c.plot = newPlot("plot-"+s.Name, s.Name+": loss while training", "", reports.Axis{Name: "epoch"}, reports.Axis{Name: "training loss", Log: true}, "")
	c.table = &reports.Table{Columns: []reports.Column{
		reports.Text("bits", "W/A"), reports.Text("method", "method"),
		reports.Percent("top1", "top-1 [%]", 2), reports.Percent("top1_low", "95 % from", 2), reports.Percent("top1_high", "to", 2),
		reports.Percent("drop", "− float", 2), reports.Percent("drop_low", "from", 2), reports.Percent("drop_high", "to", 2),
		reports.Number("epochs", "epochs"), reports.Significant("loss", "training loss", 3), reports.Number("differing", "codes ≠ simulation"),
	}}
	for _, name := range bcgdMachines {
		m, err := arch.Load(name, nil)
		if err != nil {
			return nil, err
		}
		c.machines = append(c.machines, m)
		short, _, _ := strings.Cut(name, "-")
		c.table.Columns = append(c.table.Columns,
			reports.Scaled("latency_s_"+short, short+" [µs/image]", 1e-6, 1), reports.Scaled("energy_pj_"+short, short+" [µJ/image]", 1e6, 2))
	}
	var err error
	if c.float, err = s.FloatRight(ctx, workers); err != nil {
		return nil, err
	}
	return c, c.add(ctx, "32/32", "float (cost: 8/8)", c.float, nil, nil, 0)
}

// add appends a row; q is what the machines are charged for, nil 8-bit uniform.
func (c *contest) add(ctx context.Context, bits, method string, right []bool, q *kernels.Quantized, curve train.History, differing int) error {
	if q == nil {
		var err error
		if q, err = c.uniform(ctx, 8, 8); err != nil {
			return err
		}
	}
	hits := count(right)
	low, high := stat.Wilson(float64(hits), float64(len(right)))
	drop, paired := stat.Paired(right, c.float)
	row := []any{bits, method, float64(hits) / float64(len(right)), low, high, drop, paired[0], paired[1], nil, nil, nil}
	if n := len(curve); n > 0 {
		row = append(row[:len(row)-3], n, curve[n-1].Train.Loss(), differing)
		for i := range curve {
			c.plot.add(bits+" "+method, i+1, curve[i].Train.Loss(), nil, nil, nil)
		}
	}
	for _, m := range c.machines {
		cost, err := sim.Run(ctx, m, q.Lower(), sim.Options{})
		if err != nil {
			return err
		}
		n := float64(cost.Batch)
		row = append(row, float64(cost.Totals.Cycles)/cost.ClockHz/n, cost.Totals.Energy.Total()/n)
	}
	c.table.Add(row...)
	return nil
}

// uniform quantizes the float network without training.
func (c *contest) uniform(ctx context.Context, w, a int) (*kernels.Quantized, error) {
	spec := fmt.Sprintf("w=%d,a=%d", w, a)
	m, err := uniform.Parse("uniform:"+spec, spec)
	if err != nil {
		return nil, err
	}
	calib, err := c.subject.Calibration(256)
	if err != nil {
		return nil, err
	}
	return m.Quantize(ctx, c.subject.Net, calib, nil)
}

// arm trains and adds a row, the first time at its widths after a row without
// training.
func (c *contest) arm(ctx context.Context, a experiments.Arm, run experiments.Run) error {
	bits, method := fmt.Sprintf("%d/%d", a.WeightBits, a.ActBits), fmt.Sprintf("BCGD, ρ = %g", a.Rho)
	if a.Rho == 0 {
		method = "BinaryConnect"
		q, err := c.uniform(ctx, a.WeightBits, a.ActBits)
		if err != nil {
			return err
		}
		right, err := c.subject.Right(ctx, q, c.workers)
		if err != nil {
			return err
		}
		if err := c.add(ctx, bits, "uniform, not trained", right, q, nil, 0); err != nil {
			return err
		}
	}
	t, err := c.subject.Quantize(ctx, a, run)
	if err != nil {
		return err
	}
	c.right[a] = t.Right
	c.arms = append(c.arms, a)
	c.images += len(t.Right)
	c.codes += t.Codes
	c.differing += t.Differing
	c.decided += t.Decided
	return c.add(ctx, bits, method, t.Right, t.Quantized, t.Curve, t.Differing)
}

func count(right []bool) int {
	n := 0
	for _, ok := range right {
		if ok {
			n++
		}
	}
	return n
}

// report adds table and claims.
func (c *contest) report(r *Report) {
	s := c.subject
	c.table.Notes = append(c.table.Notes,
		fmt.Sprintf("epochs of %d images, batch %d, learning rate %g falling tenfold at %.0f and %.0f %%, momentum 0.9, decay 1e-4; accuracy after the last epoch, of the integer network (the paper reports the best epoch)",
			s.Train.Images.N, s.Batch, s.Rate, 100*s.Drops[0], 100*s.Drops[1]),
		"first and last layer 8 bits; \"uniform\" has scales of least squared error per channel, ranges and statistics from 256 training images",
		"− float is paired on the same test images; the machines have no float units, so that 8/8 uniform is charged for it")
	r.Tables = append(r.Tables, c.table)
	r.plot(c.plot)
	r.Claims = append(r.Claims, proof.Claim{
		Text: s.Name + ": the integer networks are the simulated quantized networks", Paper: "-",
		Ours:  fmt.Sprintf("%d of %d images decided otherwise, %d of %d logits another code", c.decided, c.images, c.differing, c.codes),
		Holds: c.decided == 0 && c.differing == 0 && c.codes > 0,
		Note:  "every test image, every trained network; scales are rounded to 24 bits for both, so that both round the same numbers",
	})
	for _, arm := range c.arms {
		if arm.Rho == 0 {
			continue
		}
		plain := arm
		plain.Rho = 0
		gain, ci := stat.Paired(c.right[arm], c.right[plain])
		note := "one seed, same batches; the interval is that of the images, paired"
		if ci[0] <= 0 && ci[1] >= 0 {
			note += "; it holds 0: no difference that these images show"
		}
		r.Claims = append(r.Claims, proof.Claim{
			Text: fmt.Sprintf("%s, %dW%dA: blending gains over BinaryConnect", s.Name, arm.WeightBits, arm.ActBits), Paper: "+1.38 points (ResNet-18, 1W4A)",
			Ours: fmt.Sprintf("%+.2f points (%+.2f to %+.2f)", 100*gain, 100*ci[0], 100*ci[1]), CI95: &ci, Holds: ci[0] > 0, Note: note,
		}.As("fraction", 0.0138, gain))
	}
}
