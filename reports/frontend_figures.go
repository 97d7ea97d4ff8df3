package reports

import (
	"fmt"

	"bitcycle/evaluate"
	"bitcycle/sim"
)

// shortName is a precoder's, with its front end where there are several.
func shortName(runs []evaluate.FrontEndOutcome, m *evaluate.FrontEndOutcome) string {
	if len(frontEndNames(runs)) > 1 {
		return m.FrontEnd.FrontEnd.Name + ", " + m.FrontEnd.Precoder
	}
	return m.FrontEnd.Precoder
}

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
	c := &Curves{Title: parameters(runs), XLabel: "transmit power over noise [dB]", YLabel: "SER", LogY: true}
	for _, m := range runs {
		line := Curve{Name: shortName(runs, &m)}
		for _, r := range m.Curve {
			line.X, line.Y = append(line.X, r.SNRdB), append(line.Y, r.SER)
			line.Low, line.High = append(line.Low, r.SER95[0]), append(line.High, r.SER95[1])
		}
		c.Series = append(c.Series, line)
	}
	return c
}

func powerBars(runs []evaluate.FrontEndOutcome) *Bars {
	b := &Bars{Title: "power by component, converters by fom", YLabel: "W"}
	for _, name := range append([]string{sim.PowerConverters}, otherParts(frontEndCosts(runs))...) {
		part := Part{Name: name}
		for _, m := range runs {
			part.Values = append(part.Values, m.Cost.PowerOf("fom", name))
		}
		b.Parts = append(b.Parts, part)
	}
	for _, m := range runs {
		b.Names = append(b.Names, shortName(runs, &m))
	}
	return b
}

// spectrumCurves is the distortion against angle of the precoders that have one.
func spectrumCurves(runs []evaluate.FrontEndOutcome) *Curves {
	c := &Curves{XLabel: "angle [°]", YLabel: "dB relative to 2N"}
	for _, m := range runs {
		if m.Spectrum != nil {
			c.Title = fmt.Sprintf("power beyond what is linear in the symbols, at %g dB", m.Spectrum.SNRdB)
			c.Series = append(c.Series, Curve{Name: shortName(runs, &m), X: m.Spectrum.AnglesDeg, Y: m.Spectrum.DB})
		}
	}
	return c
}
