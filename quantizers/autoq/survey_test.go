package autoq

import (
	"context"
	"math"
	"testing"
)

// misjudged is a toy whose layers really lose, and whose inputs lose, a multiple of
// what the sensitivities say.
func misjudged(seed uint64) (p *Problem, weights, acts []float64) {
	p = toy(4, 12, 4, seed)
	for i := range p.Layers {
		weights = append(weights, []float64{4, 0.25, 2, 0.5}[(i+int(seed))%4])
		acts = append(acts, []float64{0.5, 3, 1, 0.25}[(i+int(seed))%4])
	}
	p.Accuracy = func(_ context.Context, policy *Policy) (float64, error) {
		loss := 0.0
		for i, w := range policy.Weights {
			for j, b := range w {
				loss += weights[i] * p.Sensitivity.Channels[i][j][b]
			}
			loss += acts[i] * p.Sensitivity.Acts[i][policy.Acts[i]]
		}
		return math.Exp(-loss), nil
	}
	return p, weights, acts
}

// A survey finds by how much the sensitivities are off.
func TestSurvey(t *testing.T) {
	p, weights, acts := misjudged(0)
	around := p.Uniform(4, 5)
	around.Weights[1][0] = 0 // stays pruned
	measured := 0
	s, err := p.survey(context.Background(), around, func(ctx context.Context, policy *Policy) (float64, error) {
		measured++
		if policy.Weights[1][0] != 0 {
			t.Error("a survey unprunes a kernel")
		}
		acc, err := p.Accuracy(ctx, policy)
		return -math.Log(acc), err
	})
	if err != nil {
		t.Fatal(err)
	}
	if measured != 1+p.probes() {
		t.Errorf("%d policies measured, want %d", measured, 1+p.probes())
	}
	for i := range p.Layers {
		for side := range 2 {
			if math.Abs(s.weights[i][side]-weights[i]) > 1e-6*weights[i] || math.Abs(s.acts[i][side]-acts[i]) > 1e-6*acts[i] {
				t.Errorf("layer %d: factors %v and %v, want %v and %v", i, s.weights[i], s.acts[i], weights[i], acts[i])
			}
		}
	}
	l := s.landscape(p, ByTile, 2)
	for i := range p.Layers {
		for b := range l.acts[i] {
			if reached := b >= 3 && b <= 7; reached == math.IsInf(l.acts[i][b], 1) {
				t.Errorf("layer %d: inputs at %d bits are expected to lose %v", i, b, l.acts[i][b])
			}
		}
		want := acts[i] * (p.Sensitivity.Acts[i][3] - p.Sensitivity.Acts[i][5])
		if got := l.acts[i][3]; math.Abs(got-want) > 1e-6*want {
			t.Errorf("layer %d: inputs lose %v more at 3 bits than at 5, want %v", i, got, want)
		}
	}
}

// Ours comes close to the allocation of one who knew the true sensitivities.
func TestAwareCorrectsSensitivities(t *testing.T) {
	for seed := range uint64(3) {
		for _, metric := range []Metric{Cycles, Energy} {
			p, weights, acts := misjudged(seed)
			p.Metric = metric
			tile, err := Run(context.Background(), p, Options{Algorithm: "tile", Budget: 0.25})
			if err != nil {
				t.Fatal(err)
			}
			ours, err := Run(context.Background(), p, Options{Algorithm: "aware", Budget: p.PriceOf(tile.Policy)})
			if err != nil {
				t.Fatal(err)
			}
			knowing := toy(4, 12, 4, seed)
			knowing.Metric, knowing.Accuracy = metric, p.Accuracy
			for i := range knowing.Layers {
				for b := range MaxBits + 1 {
					for j := range knowing.Sensitivity.Channels[i] {
						knowing.Sensitivity.Channels[i][j][b] *= weights[i]
					}
					knowing.Sensitivity.Acts[i][b] *= acts[i]
				}
			}
			best, err := Run(context.Background(), knowing, Options{Algorithm: "tile", Budget: p.PriceOf(tile.Policy)})
			if err != nil {
				t.Fatal(err)
			}
			lost, blind, least := -math.Log(ours.Accuracy), -math.Log(tile.Accuracy), -math.Log(best.Accuracy)
			if lost > 1.1*least || lost > 0.9*blind {
				t.Errorf("seed %d, %v: ours loses %.4f, tiles %.4f, tiles that know %.4f", seed, metric, lost, blind, least)
			}
		}
	}
}
