package reports

import (
	"fmt"

	"bitcycle/evaluate"
)

// FrontEndFigures are error rates, power and, where a front end has one, the spectrum.
func FrontEndFigures(runs []evaluate.FrontEndOutcome) []Figure {
	figures := []Figure{
		{"error-rate", rateCurves(runs).WriteSVG},
		{"power", powerBars(runs).WriteSVG},
	}
	if spectra := spectrumCurves(runs); len(spectra.Series) > 0 {
		figures = append(figures, Figure{"spectrum", spectra.WriteSVG})
	}
	return figures
}

func rateCurves(runs []evaluate.FrontEndOutcome) *Curves {
	c := &Curves{Title: "symbol error rate", XLabel: "transmit power over noise [dB]", YLabel: "SER", LogY: true}
	for _, m := range runs {
		line := Curve{Name: m.FrontEnd.Precoder}
		for _, r := range m.Curve {
			line.X, line.Y = append(line.X, r.SNRdB), append(line.Y, r.SER)
		}
		c.Series = append(c.Series, line)
	}
	return c
}

func powerBars(runs []evaluate.FrontEndOutcome) *Bars {
	b := &Bars{Title: "power by component, converters by fom", YLabel: "W"}
	for _, part := range runs[0].Cost.Power["fom"] {
		b.Parts = append(b.Parts, Part{Name: part.Name})
	}
	for _, m := range runs {
		b.Names = append(b.Names, m.FrontEnd.Precoder)
		for i := range b.Parts {
			b.Parts[i].Values = append(b.Parts[i].Values, m.Cost.Power["fom"][i].W)
		}
	}
	return b
}

// spectrumCurves is the distortion against angle of the precoders that have one.
func spectrumCurves(runs []evaluate.FrontEndOutcome) *Curves {
	c := &Curves{XLabel: "angle [°]", YLabel: "dB relative to 2N"}
	for _, m := range runs {
		if m.Spectrum != nil {
			c.Title = fmt.Sprintf("power beyond what is linear in the symbols, at %g dB", m.Spectrum.SNRdB)
			c.Series = append(c.Series, Curve{Name: m.FrontEnd.Precoder, X: m.Spectrum.AnglesDeg, Y: m.Spectrum.DB})
		}
	}
	return c
}
