package cli

import (
	"fmt"
	"strconv"
	"strings"

	"bitcycle/sim/sweep"
)

// sweepFlags make a sweep, or change one that a file describes.
type sweepFlags struct {
	Machines    string   `short:"m" predictor:"machines" help:"Machines, separated by commas." placeholder:"MACHINES"`
	FrontEnds   string   `name:"frontend" help:"Front ends, separated by commas, in the place of machines." placeholder:"FRONTENDS"`
	Workload    string   `short:"w" predictor:"workloads" help:"Workload: cost alone." placeholder:"WORKLOAD"`
	Network     string   `short:"n" predictor:"networks" help:"Network; with --data its accuracy is measured." placeholder:"NETWORK"`
	Methods     []string `short:"q" predictor:"methods" help:"Method; repeat for more. Its arguments may be axes." sep:"none" placeholder:"METHOD"`
	Data        string   `help:"Images to measure accuracy on; without, cost alone." placeholder:"SET"`
	Calib       string   `help:"Images to calibrate on." placeholder:"SET"`
	Images      int      `help:"Measure on the first N images only." placeholder:"N"`
	Axis        []string `help:"What varies: KEY=8,16,32, KEY=2:8, KEY=0:1:0.25 (step) or KEY=8:64:x2 (factor); repeat for more. A key of the machine, an argument of the methods, batch, bandwidth_gb_s, seed, precoder or snr_db." sep:"none" placeholder:"KEY=VALUES"`
	Batch       *int     `help:"Images per run, the same on every machine (default 1)." placeholder:"N"`
	AsPublished bool     `help:"Every machine with its own batch and memory system."`
	Measured    string   `help:"Figures that others measured, to stand beside ours: shipped ones by name, or a CSV file." placeholder:"FILE"`
	Minimise    []string `help:"Figures of the front to minimise, at most four with those to maximise." placeholder:"FIGURE"`
	Maximise    []string `help:"Figures of the front to maximise." placeholder:"FIGURE"`
	Constraint  []string `help:"Bound that points of the front keep, such as 'area_mm2<=4'; may repeat." sep:"none" placeholder:"BOUND"`
	Sample      int      `help:"Take N points of the product, see --rule." placeholder:"N"`
	Rule        string   `help:"How a sample is drawn: grid, random, lhs, halton, sobol, or front (a quarter spread evenly, the rest around the front found so far)." enum:",grid,random,lhs,halton,sobol,front" default:""`
	Blocks      int      `help:"Of front ends: simulate at most N groups of symbols a point." placeholder:"N"`
	RelError    float64  `name:"rel-error" help:"Of front ends: end a point when half the 95 % interval is within this share of its error rate (default 0.05); a smaller one goes on where a larger one ended." placeholder:"X"`
}

// spec is the sweep of a name, or an empty one, with what the flags say on top.
func (c *sweepFlags) spec(name string) (*sweep.Spec, error) {
	spec := &sweep.Spec{Name: "sweep", Base: sweep.Base{Settings: map[string]string{}}, Sample: sweep.Sample{Rule: "grid", Seed: 1}}
	if name != "" {
		var err error
		if spec, err = sweep.Load(name); err != nil {
			return nil, err
		}
	} else if c.Workload == "" && c.FrontEnds == "" {
		spec.Set("network", []string{defaultNetwork}, "")
	}
	if err := c.lists(spec); err != nil {
		return nil, err
	}
	for _, text := range c.Axis {
		axis, err := sweep.ParseAxis(text)
		if err != nil {
			return nil, err
		}
		spec.Vary(axis)
	}
	if name == "" {
		c.defaults(spec)
	}
	return spec, c.judge(spec)
}

// lists sets what flags list: one value is the same in every point, more are an axis.
func (c *sweepFlags) lists(spec *sweep.Spec) error {
	for _, one := range []struct{ key, flag, value string }{
		{"machine", "-m", c.Machines},
		{"frontend", "--frontend", c.FrontEnds},
		{"workload", "-w", c.Workload},
		{"network", "-n", c.Network},
		{"data", "--data", c.Data},
		{"calib", "--calib", c.Calib},
	} {
		if one.value == "" {
			continue
		}
		list := []string{one.value}
		if one.key != "data" && one.key != "calib" {
			list = strings.Split(one.value, ",")
		}
		if err := spec.Set(one.key, list, one.flag+" "+one.value); err != nil {
			return err
		}
	}
	if c.Workload != "" {
		spec.Unset("network", "data", "calib")
	}
	if c.Network != "" {
		spec.Unset("workload")
	}
	if c.Batch != nil {
		if err := spec.Set("batch", []string{strconv.Itoa(*c.Batch)}, "--batch"); err != nil {
			return err
		}
	}
	if len(c.Methods) > 0 {
		return spec.Set("method", c.Methods, "-q "+strings.Join(c.Methods, " -q "))
	}
	return nil
}

// defaults are those of run.
func (c *sweepFlags) defaults(spec *sweep.Spec) {
	if c.FrontEnds == "" && !spec.Has("machine") && !spec.Has("frontend") {
		spec.Base.Settings["machine"] = defaultMachine
	}
}

// judge sets what the points are judged by.
func (c *sweepFlags) judge(spec *sweep.Spec) error {
	spec.Base.AsPublished = spec.Base.AsPublished || c.AsPublished
	if c.Measured != "" {
		spec.Measured = c.Measured
	}
	if c.Images < 0 {
		return fmt.Errorf("--images = %d: must be at least 1", c.Images)
	}
	if c.Images > 0 {
		spec.Base.Images = c.Images
	}
	if len(c.Minimise)+len(c.Maximise) > 0 {
		spec.Minimise, spec.Maximise = c.Minimise, c.Maximise
	}
	for _, text := range c.Constraint {
		bound, err := sweep.ParseConstraint(text)
		if err != nil {
			return fmt.Errorf("--constraint %s: %w", text, err)
		}
		spec.Constraints = append(spec.Constraints, bound)
	}
	if c.Blocks < 0 {
		return fmt.Errorf("--blocks = %d: must be at least 1", c.Blocks)
	}
	if c.Blocks > 0 {
		spec.Base.Groups = c.Blocks
	}
	if c.RelError < 0 || c.RelError > 1 {
		return fmt.Errorf("--rel-error = %g: must be above 0 and at most 1", c.RelError)
	}
	if c.RelError > 0 {
		spec.Base.RelError = c.RelError
	}
	if c.Sample < 0 {
		return fmt.Errorf("--sample = %d: must be at least 1", c.Sample)
	}
	if c.Sample > 0 {
		spec.Sample.Count = c.Sample
	}
	if c.Rule != "" {
		spec.Sample.Rule = c.Rule
	}
	return nil
}
