package reproduce

import (
	"context"
	"fmt"
	"strings"

	experiments "bitcycle/internal/proof/experiments/autoq"
	"bitcycle/reports"
)

// autoqReport compares AutoQ (Lou et al., "AutoQ: Automated Kernel-Wise Neural
// Network Quantization", ICLR 2020) with its rivals and with our allocator at
// equal accuracy on modelled machines.
func autoqReport(ctx context.Context, o Options) (*Report, error) {
	subjects, err := autoqSubjects(o)
	if err != nil {
		return nil, err
	}
	return autoqOn(ctx, o, subjects)
}

// autoqOn runs the experiment on networks one after another.
func autoqOn(ctx context.Context, o Options, subjects []*experiments.Subject) (*Report, error) {
	r := &Report{Assumptions: autoqAssumptions(subjects)}
	var all []*experiments.Outcome
	for _, s := range subjects {
		out, err := experiments.Reproduce(ctx, experiments.Options{
			Subject: s, Seed: uint64(o.Seed), Workers: o.Workers, Folder: o.Resume, Progress: o.Progress,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, out)
		cost := costTable(out)
		cost.Name = "cost-" + out.Subject.Name
		r.Tables, r.Charts = append(r.Tables, cost, savingTable(out)), append(r.Charts, costChart(cost.Name, out))
	}
	r.Tables = append(r.Tables, effortTable(all))
	r.Claims = autoqClaims(all)
	return r, nil
}

func autoqAssumptions(subjects []*experiments.Subject) []string {
	out := []string{
		"latency and energy come from the cycle model; they are relative to 8 bits everywhere on the same machine",
		"accuracy is top-1 of integer execution; no search has seen the test images",
		"no method sees labels: agents are rewarded for the mean probability of the float network's class on reward images; aware goes by the squared error of the logits on them",
		"nothing is trained after quantization",
		"haq is as published: one scale a layer, statistics not re-estimated, widths of 2 to 8, first and last layer at 8 bits; bits are cut from the back",
		"all other methods have one scale a kernel, re-estimate statistics and choose the widths of all layers; the image keeps 8 bits",
		"agents search on the first machine within budgets of cycles; the other machines price what they found there",
		"allocators search on each machine",
		"aware takes what the tile-wise allocation of a budget costs as its own budget; no other method does",
		"each seed's policies and 8 bits everywhere span a concave hull; an accuracy's cost is read off the hull and averaged over seeds",
		"95 % intervals resample seeds and test images, the same images for all methods",
		"AutoQ's paper does not give the widths of its agents' layers, its learning rates and its replay; they are those of HAQ's and AMC's code",
		"AutoQ's accuracies after fine-tuning on ImageNet cannot be repeated here",
	}
	for _, s := range subjects {
		out = append(out, subjectAssumptions(s)...)
	}
	return out
}

// subjectAssumptions are the sizes of an experiment.
func subjectAssumptions(s *experiments.Subject) []string {
	p := &s.Plan
	reward := s.Images.N
	if p.AgentImages > 0 {
		reward = p.AgentImages
	}
	return []string{
		fmt.Sprintf("%s: %d images calibrate, %d reward and %d test; they do not overlap", s.Name, s.Calib.N, s.Images.N, s.Test.N),
		fmt.Sprintf("%s: agents have %d reward images, %d seeds, %d budgets, %d episodes (%d of them random) and %d hidden units",
			s.Name, reward, p.Seeds, len(p.AgentBudgets), p.Agent.Episodes, p.Agent.Warmup, p.Agent.Hidden),
		fmt.Sprintf("%s: allocators have %d budgets of %s; aware measures up to %d policies for each",
			s.Name, len(p.Budgets), strings.Trim(fmt.Sprint(p.Metrics), "[]"), p.Moves),
	}
}

func interval(e experiments.Estimate) string { return fmt.Sprintf("%.3f to %.3f", e.Low, e.High) }

// costTable lists what every method needs.
func costTable(out *experiments.Outcome) *reports.Table {
	t := &reports.Table{Title: fmt.Sprintf("%s: cost at equal accuracy, relative to 8 bits everywhere (float %.2f %%, 8 bits %.2f %%)", out.Subject.Name, 100*out.Float, 100*out.Eight), Columns: []reports.Column{
		reports.Text("machine", "machine"), reports.Number("loss_points", "float − points"), reports.Text("method", "method"),
		reports.Scaled("latency_relative", "latency", 1, 3), reports.Text("latency_ci95", "95 %"),
		reports.Scaled("energy_relative", "energy", 1, 3), reports.Text("energy_ci95", "95 %"), reports.Text("searched", "searched"),
		hidden("latency_low"), hidden("latency_high"), hidden("energy_low"), hidden("energy_high"),
	}}
	for _, machine := range machines(out) {
		for _, loss := range experiments.Losses {
			for _, row := range out.Needs {
				if row.Machine != machine || row.Loss != loss {
					continue
				}
				where := "here"
				if row.Transferred {
					where = "on " + machines(out)[0]
				}
				t.Add(machine, loss, row.Method, row.Latency.Value, interval(row.Latency), row.Energy.Value, interval(row.Energy), where,
					row.Latency.Low, row.Latency.High, row.Energy.Low, row.Energy.High)
			}
		}
	}
	return t
}

// hidden is a column of files alone.
func hidden(key string) reports.Column { return reports.Column{Key: key, Hidden: true} }

// costChart sets the cost at equal accuracy against what is lost.
func costChart(table string, out *experiments.Outcome) reports.Chart {
	return reports.Chart{
		Kind: "points", Title: out.Subject.Name + ": cost at equal accuracy", Note: "relative to 8 bits everywhere; points of accuracy below float", Table: table,
		Label: []string{"method", "machine"}, Groups: []string{"method", "machine"}, Shape: "machine",
		Axes: []reports.Axis{
			{Key: "latency_relative", Name: "latency", Unit: 1, Best: "min", Low: "latency_low", High: "latency_high"},
			{Key: "energy_relative", Name: "energy", Unit: 1, Best: "min", Low: "energy_low", High: "energy_high"},
			{Key: "loss_points", Name: "points below float", Unit: 1, Best: "min"},
		},
	}
}

// machines lists the machines of an outcome in order.
func machines(out *experiments.Outcome) []string {
	var names []string
	for _, row := range out.Needs {
		if len(names) == 0 || names[len(names)-1] != row.Machine {
			names = append(names, row.Machine)
		}
	}
	return names
}

// savingTable sets AutoQ and ours against every other method at float − 1 point.
func savingTable(out *experiments.Outcome) *reports.Table {
	t := &reports.Table{Title: out.Subject.Name + ": savings at float − 1 point", Columns: []reports.Column{
		reports.Text("machine", "machine"), reports.Text("baseline", "against"),
		reports.Text("autoq_latency", "autoq: latency [%]"), reports.Text("autoq_energy", "energy [%]"),
		reports.Text("aware_latency", "ours: latency [%]"), reports.Text("aware_energy", "energy [%]"),
	}}
	for _, machine := range machines(out) {
		ours, theirs := out.Need(machine, "aware", 1), out.Need(machine, "autoq", 1)
		for _, method := range append(append([]string(nil), experiments.Agents...), experiments.Allocators...) {
			base := out.Need(machine, method, 1)
			if base == nil {
				continue
			}
			cells := []any{machine, method}
			for _, of := range []*experiments.Need{theirs, ours} {
				if of == nil || of.Method == method {
					cells = append(cells, nil, nil)
					continue
				}
				latency, energy := of.Saving(base)
				cells = append(cells, percent(latency), percent(energy))
			}
			t.Add(cells...)
		}
	}
	return t
}

func percent(e experiments.Estimate) string {
	return fmt.Sprintf("%.1f (%.1f to %.1f)", e.Value, e.Low, e.High)
}

// effortTable shows where the time went.
func effortTable(all []*experiments.Outcome) *reports.Table {
	t := &reports.Table{Title: "time of the searches, in seconds of one core", WallClock: true, Columns: []reports.Column{
		reports.Text("network", "network"), reports.Text("methods", "methods"), reports.Scaled("accuracy_s", "accuracy", 1, 1),
		reports.Scaled("cost_s", "cost", 1, 1), reports.Scaled("rest_s", "agent and bookkeeping", 1, 1), reports.Percent("rest_share", "share [%]", 1),
	}}
	for _, out := range all {
		for _, e := range []struct {
			name string
			of   experiments.Effort
		}{{"agents", out.Agents}, {"allocators", out.Allocators}} {
			t.Add(out.Subject.Name, e.name, e.of.Accuracy, e.of.Cost, e.of.Rest, e.of.Overhead())
		}
	}
	sum := effort(all)
	t.Footer = []any{"all", "", sum.Accuracy, sum.Cost, sum.Rest, sum.Overhead()}
	return t
}

// effort is where the time of all searches went.
func effort(all []*experiments.Outcome) experiments.Effort {
	var sum experiments.Effort
	for _, out := range all {
		sum.Add(out.Agents)
		sum.Add(out.Allocators)
	}
	return sum
}
