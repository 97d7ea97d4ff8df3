package autoq

// Losses are the points of accuracy below the float network that methods are
// compared at.
var Losses = []float64{0.5, 1, 2}

// Outcome is the result of an experiment.
type Outcome struct {
	Subject *Subject
	Needs   []Need
	// Float is the share of the test images that the float network gets right,
	// Eight that of 8 bits everywhere.
	Float, Eight float64
	// Agents and Allocators are where the time of the searches went.
	Agents, Allocators Effort
}

// Need is what a method needs on a machine at an accuracy: cycles and energy
// relative to 8 bits everywhere.
type Need struct {
	Machine, Method string
	Loss            float64 // points of accuracy below the float network
	Latency, Energy Estimate
	// Transferred says that the policies were found on the first machine and only
	// priced on this one.
	Transferred bool

	latency, energy []float64 // values by resample
}

// Saving is how much less a method needs than a baseline, in percent of the
// baseline. Both are resampled on the same images.
func (r *Need) Saving(baseline *Need) (latency, energy Estimate) {
	return reduction(r.latency, baseline.latency), reduction(r.energy, baseline.energy)
}

// Need returns what a method needs on a machine at a loss, nil if that is unknown.
func (o *Outcome) Need(machine, method string, loss float64) *Need {
	for i := range o.Needs {
		if r := &o.Needs[i]; r.Machine == machine && r.Method == method && r.Loss == loss {
			return r
		}
	}
	return nil
}

// samples are the policies of a method on a machine.
type samples struct{ latency, energy []sample }

// needs interpolates the samples of a method at every loss.
func (m *samples) needs(machine, algorithm string, float []float64, transferred bool) []Need {
	var out []Need
	for _, loss := range Losses {
		latency, energy := costs(m.latency, float, loss/100), costs(m.energy, float, loss/100)
		out = append(out, Need{
			Machine: machine, Method: algorithm, Loss: loss, Transferred: transferred,
			Latency: estimate(latency), Energy: estimate(energy), latency: latency, energy: energy,
		})
	}
	return out
}
