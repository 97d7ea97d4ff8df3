package reproduce

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"bitcycle/internal/proof"
	experiments "bitcycle/internal/proof/experiments/autoq"
)

// whyAutoQ says what separates AutoQ from a baseline.
var whyAutoQ = map[string]string{
	"haq":     "HAQ as published has layer-wise widths, and also one scale a layer, no re-estimated statistics and 8-bit ends",
	"haq+":    "the quantizer is the same; AutoQ has kernel-wise widths and pruning, and far more to search",
	"flat":    "the widths to choose are the same; one agent without goals decides kernel after kernel",
	"uniform": "one width for all needs no search and wastes no lane",
	"layer":   "sensitivities are measured, where an agent tries; one width a layer wastes no lane of an array in step",
	"kernel":  "the widths to choose are the same; sensitivities are measured",
	"tile":    "sensitivities are measured; no lane waits for another",
}

// autoqClaims checks the paper's headline against every baseline, then our allocator
// against AutoQ and every rival.
func autoqClaims(all []*experiments.Outcome) []proof.Claim {
	var claims []proof.Claim
	for _, baseline := range []string{"haq", "haq+", "flat", "uniform", "layer", "kernel", "tile"} {
		claims = append(claims, headline(all, baseline, false), headline(all, baseline, true))
	}
	claims = append(claims, headlineOurs(all, false), headlineOurs(all, true))
	return append(claims, oursAgainstAutoQ(all), oursOnAverage(all), oursAgainstAll(all), oursAgainstHAQ(all), overhead(all))
}

// pair is a saving on a network and a machine.
type pair struct {
	where  string
	saving experiments.Estimate
}

// String says where and how much.
func (p pair) String() string {
	if math.IsNaN(p.saving.Value) {
		return p.where + " not comparable, as one of them does not reach the accuracy"
	}
	return fmt.Sprintf("%s %.0f %%", p.where, p.saving.Value)
}

// onAverage says a mean saving.
func onAverage(mean experiments.Estimate) string {
	switch {
	case math.IsNaN(mean.Value):
		return "no accuracy in common"
	case mean.Value < 0:
		return fmt.Sprintf("%.1f %% more on average", -mean.Value)
	}
	return fmt.Sprintf("%.1f %% less on average", mean.Value)
}

// savings of a method against a baseline at a loss of accuracy.
func savings(all []*experiments.Outcome, method, baseline string, loss float64, energy bool) []pair {
	var out []pair
	for _, o := range all {
		for _, machine := range machines(o) {
			of, base := o.Need(machine, method, loss), o.Need(machine, baseline, loss)
			if of == nil || base == nil {
				continue
			}
			s, e := of.Saving(base)
			if energy {
				s = e
			}
			out = append(out, pair{o.Subject.Name + " on " + machine, s})
		}
	}
	return out
}

func quantity(energy bool) (name string, paper float64) {
	if energy {
		return "energy", experiments.PaperEnergy
	}
	return "latency", experiments.PaperLatency
}

// average is the mean saving where both sides reach the accuracy.
func average(pairs []pair) experiments.Estimate {
	var all []experiments.Estimate
	for _, p := range pairs {
		all = append(all, p.saving)
	}
	return experiments.Mean(all)
}

// headline checks AutoQ's saving against one baseline. It holds where the upper end of
// the interval reaches the paper's figure.
func headline(all []*experiments.Outcome, baseline string, energy bool) proof.Claim {
	what, paper := quantity(energy)
	pairs := savings(all, "autoq", baseline, 1, energy)
	var yes, no []string
	for _, p := range pairs {
		if p.saving.High >= paper {
			yes = append(yes, p.String())
		} else {
			no = append(no, p.String())
		}
	}
	mean := average(pairs)
	return proof.Claim{
		Text:  fmt.Sprintf("AutoQ needs %.2f %% less %s than %s at float − 1 point", paper, what, baseline),
		Paper: fmt.Sprintf("%.2f %% less than layer-wise agents", paper), Ours: onAverage(mean),
		CI95: ends(mean), Holds: len(no) == 0 && len(yes) > 0,
		Note: fmt.Sprintf("reached on: %s; missed on: %s; %s", listed(yes), listed(no), whyAutoQ[baseline]),
	}.As("fraction", paper/100, mean.Value/100)
}

// ends is an interval of percents as fractions, nil if there is none.
func ends(e experiments.Estimate) *[2]float64 {
	if math.IsNaN(e.Low + e.High) {
		return nil
	}
	return &[2]float64{e.Low / 100, e.High / 100}
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// headlineOurs checks the paper's figure on our allocator, against HAQ as published.
func headlineOurs(all []*experiments.Outcome, energy bool) proof.Claim {
	what, paper := quantity(energy)
	pairs := savings(all, "aware", "haq", 1, energy)
	mean := average(pairs)
	var each []string
	for _, p := range pairs {
		each = append(each, p.String())
	}
	return proof.Claim{
		Text: fmt.Sprintf("ours needs %.2f %% less %s than haq at float − 1 point", paper, what), Paper: fmt.Sprintf("%.2f %% (AutoQ)", paper),
		Ours: onAverage(mean), CI95: ends(mean), Holds: mean.Value >= paper, Note: listed(each),
	}.As("fraction", paper/100, mean.Value/100)
}

// oursAgainstAutoQ asks for a tenth less latency on bit-serial arrays. Elsewhere it
// asks for no more.
func oursAgainstAutoQ(all []*experiments.Outcome) proof.Claim {
	c := proof.Claim{Text: "at float − 1 point, ours needs 10 % less latency than autoq on bit-serial arrays and no more on others", Paper: "-", Holds: true}
	var each []string
	pairs := savings(all, "aware", "autoq", 1, false)
	for _, p := range pairs {
		least := 0.0
		if strings.Contains(p.where, "bismo") {
			least = 10
		}
		c.Holds = c.Holds && p.saving.Value >= least
		each = append(each, p.String())
	}
	mean := average(pairs)
	c.Ours, c.CI95, c.Note = onAverage(mean), ends(mean), listed(each)
	return c.As("fraction", math.NaN(), mean.Value/100)
}

// oursOnAverage compares ours with every rival: the mean saving over networks, machines
// and accuracies.
func oursOnAverage(all []*experiments.Outcome) proof.Claim {
	c := proof.Claim{Text: "ours needs less than every rival, on average over networks, machines and accuracies", Paper: "-", Holds: true}
	proven := 0
	var each []string
	for _, rival := range append(slices.Clone(experiments.Agents), experiments.Allocators...) {
		for _, energy := range []bool{false, true} {
			var pairs []pair
			for _, loss := range experiments.Losses {
				pairs = append(pairs, savings(all, "aware", rival, loss, energy)...)
			}
			if rival == "aware" || len(pairs) == 0 {
				continue
			}
			what, _ := quantity(energy)
			mean := average(pairs)
			each = append(each, fmt.Sprintf("%s of %s %s %%", what, rival, percent(mean)))
			c.Holds = c.Holds && mean.Value > 0
			if mean.Low > 0 {
				proven++
			}
		}
	}
	c.Ours = fmt.Sprintf("%d means, %d of them with an interval above 0", len(each), proven)
	c.Note = "saved, with 95 % intervals: " + listed(each)
	return c
}

// oursAgainstAll counts where ours is the cheapest.
func oursAgainstAll(all []*experiments.Outcome) proof.Claim {
	c := proof.Claim{Text: "ours is the cheapest of all methods at every accuracy on every machine", Paper: "-"}
	total, won := 0, 0
	var lost []string
	for _, o := range all {
		for i := range o.Needs {
			base := &o.Needs[i]
			ours := o.Need(base.Machine, "aware", base.Loss)
			if ours == nil || base.Method == "aware" {
				continue
			}
			latency, energy := ours.Saving(base)
			for k, s := range []experiments.Estimate{latency, energy} {
				what, _ := quantity(k == 1)
				total++
				if s.Value >= 0 {
					won++
					continue
				}
				if s.High >= 0 {
					continue
				}
				lost = append(lost, fmt.Sprintf("%s against %s, %s on %s at float − %g: %.1f %% (%.1f to %.1f)", what, base.Method, o.Subject.Name, base.Machine, base.Loss, s.Value, s.Low, s.High))
			}
		}
	}
	slices.Sort(lost)
	c.Holds = won == total && total > 0
	c.Ours = fmt.Sprintf("%d of %d comparisons won; %d lost within the interval, %d beyond it", won, total, total-won-len(lost), len(lost))
	c.Note = "lost beyond the interval: " + listed(lost)
	return c
}

// oursAgainstHAQ asks for half of HAQ's latency on one machine and network.
func oursAgainstHAQ(all []*experiments.Outcome) proof.Claim {
	c := proof.Claim{Text: "ours needs half the latency of haq, on one machine and network", Paper: "-", Ours: "no", Note: "no accuracy in common"}
	best := math.Inf(-1)
	for _, loss := range experiments.Losses {
		for _, p := range savings(all, "aware", "haq", loss, false) {
			if p.saving.Value > best {
				best = p.saving.Value
				c.Holds, c.CI95 = best >= 50, ends(p.saving)
				c.Ours, c.Note = fmt.Sprintf("%.1f %% less", best), fmt.Sprintf("%s at float − %g points", p.where, loss)
				c = c.As("fraction", math.NaN(), best/100)
			}
		}
	}
	return c
}

// overhead asks that searches spend their time on accuracy and cost.
func overhead(all []*experiments.Outcome) proof.Claim {
	share := effort(all).Overhead()
	return proof.Claim{
		Text: "agents, allocators and bookkeeping take less than 20 % of the searches' time", Paper: "-",
		Ours: fmt.Sprintf("%.1f %%", 100*share), Holds: share < 0.2, Note: "all searches together; the table splits them", WallClock: true,
	}.As("fraction", math.NaN(), share)
}
