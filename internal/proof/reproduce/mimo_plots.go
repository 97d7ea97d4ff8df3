package reproduce

import (
	"io"
	"path/filepath"

	"bitcycle/internal/files"
	"bitcycle/reports"
)

// drawFrontEnds writes error rates, spectra and power as pictures.
func (r *Report) drawFrontEnds(o Options, list []standing) error {
	if o.Folder == "" {
		return nil
	}
	rates, bars := rateCurves(list), powerBars(list)
	spectra, err := spectrumCurves(o, list)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		draw func(io.Writer) error
	}{{"mimo-error-rate.svg", rates.WriteSVG}, {"mimo-spectrum.svg", spectra.WriteSVG}, {"mimo-power.svg", bars.WriteSVG}} {
		path := filepath.Join(o.Folder, p.name)
		if err := files.Write(path, p.draw); err != nil {
			return err
		}
		r.Files = append(r.Files, path)
	}
	return nil
}

func rateCurves(list []standing) reports.Curves {
	rates := reports.Curves{Title: "16-QAM, K = 8, N = 256", XLabel: "transmit power over noise [dB]", YLabel: "SER", LogY: true}
	for _, s := range list {
		line := reports.Curve{Name: s.name}
		for _, p := range s.curve {
			line.X, line.Y = append(line.X, p.SNRdB), append(line.Y, p.SER)
		}
		rates.Series = append(rates.Series, line)
	}
	return rates
}

// powerBars leaves out who misses the target or, with bars that hide all others, the
// deadline.
func powerBars(list []standing) reports.Bars {
	bars := reports.Bars{Title: "power at SER 1e-3, converters by fom", YLabel: "W"}
	for _, c := range list[0].cost.Power["fom"] {
		bars.Parts = append(bars.Parts, reports.Part{Name: c.Name})
	}
	for _, s := range list {
		if !s.needed.Reached || !s.cost.Deadline {
			continue
		}
		bars.Names = append(bars.Names, s.name)
		for i := range bars.Parts {
			bars.Parts[i].Values = append(bars.Parts[i].Values, s.cost.Power["fom"][i].W)
		}
	}
	return bars
}

// spectrumCurves is the distortion of the one-bit schemes against angle.
func spectrumCurves(o Options, list []standing) (reports.Curves, error) {
	c := reports.Curves{Title: "power beyond what is linear in the symbols, at 10 dB", XLabel: "angle [°]", YLabel: "dB relative to 2N"}
	var angles []float64
	for a := -90.0; a <= 90; a++ {
		angles = append(angles, a)
	}
	for _, s := range list {
		if s.run.FrontEnd.Converter.Bits > 1 {
			continue
		}
		y, err := s.run.Spectrum(o.Seed, 10, angles)
		if err != nil {
			return c, err
		}
		c.Series = append(c.Series, reports.Curve{Name: s.name, X: angles, Y: y})
	}
	return c, nil
}
