package reproduce

import (
	"fmt"

	"bitcycle/reports"
)

// plotFrontEnds adds error rates with their intervals, spectra and power.
func (r *Report) plotFrontEnds(o Options, list []standing) error {
	rates := newPlot("plot-rates", "Symbol error rate: 16-QAM, K = 8, N = 256", "", reports.Axis{Name: "transmit power over noise [dB]"}, reports.Axis{Name: "SER", Log: true}, "closed form")
	for _, s := range list {
		for i := range s.curve {
			p := &s.curve[i]
			var predicted any
			if p.HasPredicted {
				predicted = p.PredictedSER
			}
			rates.add(s.name, p.SNRdB, p.SER, p.SER95[0], p.SER95[1], predicted)
		}
	}
	r.plot(rates)
	if o.Pictures {
		if err := r.plotSpectra(o, list); err != nil {
			return err
		}
	}
	r.plotPower(list)
	return nil
}

// plotSpectra adds the distortion of the one-bit schemes against angle.
func (r *Report) plotSpectra(o Options, list []standing) error {
	const snr = 10
	p := newPlot("plot-spectra", fmt.Sprintf("Power beyond what is linear in the symbols, at %d dB", snr), "", reports.Axis{Name: "angle [°]"}, reports.Axis{Name: "dB relative to 2N"}, "")
	var angles []float64
	for a := -90.0; a <= 90; a++ {
		angles = append(angles, a)
	}
	for _, s := range list {
		if s.run.FrontEnd.Converter.Bits > 1 {
			continue
		}
		y, err := s.run.Spectrum(o.Seed, snr, angles)
		if err != nil {
			return err
		}
		for i, a := range angles {
			p.add(s.name, a, y[i], nil, nil, nil)
		}
	}
	r.plot(p)
	return nil
}

// plotPower leaves out who misses the target or, with bars that hide all others, the
// deadline.
func (r *Report) plotPower(list []standing) {
	t := &reports.Table{Name: "plot-power", Title: "power at SER 1e-3", FilesOnly: true, Columns: []reports.Column{reports.Text("scheme", "").ID()}}
	c := reports.Chart{Kind: "stack", Title: "Power at SER 1e-3, converters by fom", Note: "W", Table: t.Name, Label: []string{"scheme"}}
	for i, part := range list[0].cost.Power["fom"] {
		key := fmt.Sprintf("power_%d_w", i+1)
		t.Columns = append(t.Columns, reports.Number(key, ""))
		c.Axes = append(c.Axes, reports.Axis{Key: key, Name: part.Name, Unit: 1})
	}
	for _, s := range list {
		if !s.needed.Reached || !s.cost.Deadline {
			continue
		}
		row := []any{s.name}
		for _, part := range s.cost.Power["fom"] {
			row = append(row, part.W)
		}
		t.Add(row...)
	}
	if len(t.Rows) > 0 {
		r.Tables, r.Charts = append(r.Tables, t), append(r.Charts, c)
	}
}
