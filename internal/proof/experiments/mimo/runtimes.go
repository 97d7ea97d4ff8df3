package mimo

import (
	"slices"
	"time"

	"bitcycle/mimo"
)

// Runtime is the time of a precoder for a block of 20 symbol vectors, N = 256, K = 8,
// 16-QAM, beside the one in the paper's table, whose setting and machine are not
// known. Ratios are to ΣΔ-ZF.
type Runtime struct {
	Name         string  `json:"name"`
	Seconds      float64 `json:"seconds"`
	Ratio        float64 `json:"ratio"`
	PaperSeconds float64 `json:"paper_seconds"`
	PaperRatio   float64 `json:"paper_ratio"`
	Note         string  `json:"note,omitempty"`
}

// Runtimes measures the precoders; the fastest of several blocks counts.
func Runtimes(o Options) ([]Runtime, error) {
	rows := []Runtime{
		{Name: "sd-zf", PaperSeconds: 0.0021},
		{Name: "sd-slp", PaperSeconds: 0.0574, Note: "the paper's by the primal method; its dual takes 0.0496 s"},
		{Name: "squid", PaperSeconds: 1.0324},
		{Name: "msm", PaperSeconds: 0.9197, Note: "the paper's by linear programmes, ours by the solver of sd-slp"},
	}
	for i := range rows {
		seconds, err := timeBlock(mimo.Scheme{Precoder: rows[i].Name}, o)
		if err != nil {
			return nil, err
		}
		rows[i].Seconds = seconds
		rows[i].Ratio = seconds / rows[0].Seconds
		rows[i].PaperRatio = rows[i].PaperSeconds / rows[0].PaperSeconds
	}
	return rows, nil
}

// timeBlock is the least time of preparing for a channel and precoding a block.
func timeBlock(s mimo.Scheme, o Options) (float64, error) {
	scenario := mimo.DefaultScenario()
	q := mimo.QAM{D: 2}
	p, err := s.New()
	if err != nil {
		return 0, err
	}
	sym := mimo.NewMatrix(scenario.Users, scenario.Symbols)
	var tx mimo.Transmit
	times := make([]float64, pick(o, 20, 40))
	for i := range times {
		ch := draw(scenario, o.Seed, uint64(i))
		q.Random(sym, mimo.Stream(o.Seed, uint64(i), 1))
		start := time.Now()
		if err := p.Prepare(ch, mimo.Params{Power: 1, NoiseVar: 0.1, QAM: q}); err != nil {
			return 0, err
		}
		p.Precode(&tx, sym)
		times[i] = time.Since(start).Seconds()
	}
	return slices.Min(times), nil
}
