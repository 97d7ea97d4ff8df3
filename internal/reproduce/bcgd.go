package reproduce

import (
	"context"
	"fmt"

	"bitcycle/quantizers/bcgd/experiments"
	"bitcycle/reports"
)

// bcgdReport measures what blending gains on a small perceptron; the paper's
// ImageNet figures stand beside it as reference and are not reproduced.
func bcgdReport(ctx context.Context, o Options) (*Report, error) {
	r := &Report{Assumptions: []string{
		"perceptron 24-64-64-8 on Gaussian clusters, all layers quantized, 20 epochs from a float start, seeds 0, 1, …",
	}}
	r.Claims = append(r.Claims, Claim{
		Claim: "ResNet-18 on ImageNet, 1-bit weights, 4-bit activations", Paper: "64.36 % (65.46 % with float ends; BinaryConnect 62.98 %)",
		Ours: "not reproduced here", Note: "training on ImageNet is out of reach of a CPU",
	})
	seeds, widths := 10, [][2]int{{1, 2}, {2, 2}, {4, 2}, {1, 4}}
	rhos := []float64{0, 1e-5, 1e-3, 1}
	if o.Quick {
		seeds, widths, rhos = 5, widths[:1], []float64{0, 1e-5}
	}
	t := &reports.Table{Title: "blending on a small perceptron: test accuracy in %", Columns: []reports.Column{
		reports.Text("bits", "W/A"), reports.Significant("rho", "ρ", 2), reports.Percent("best", "best epoch", 2),
		reports.Percent("last", "last 3 epochs", 2), reports.Percent("gain", "gain", 2), reports.Percent("gain_stderr", "± standard error", 2),
		reports.Scaled("late_flips", "late level changes", 1, 0),
	}}
	for i, w := range widths {
		o.step("blending", i, len(widths))
		b, err := experiments.Compare(ctx, w[0], w[1], rhos, seeds)
		if err != nil {
			return nil, err
		}
		for j, rho := range b.Rhos {
			t.Add(fmt.Sprintf("%d/%d", w[0], w[1]), rho, b.Best[j], b.LastThree[j], b.Gain[j], b.GainError[j], b.LateFlips[j])
		}
		if i == 0 {
			r.Claims = append(r.Claims, Claim{
				Claim: "blending (ρ = 1e-5) beats BinaryConnect at the fewest bits", Paper: "+1.38 points (ResNet-18, 1W4A)",
				Ours: fmt.Sprintf("%+.2f ± %.2f points in the last 3 epochs (1W2A, %d seeds)", 100*b.Gain[1], 100*b.GainError[1], seeds),
				CI95: &[2]float64{b.Gain[1] - 1.96*b.GainError[1], b.Gain[1] + 1.96*b.GainError[1]}, Holds: b.Gain[1] > 0.003, Note: "perceptron, not ResNet-18",
			}, Claim{
				Claim: "weights settle in the late phase", Paper: "smoother curve", Ours: fmt.Sprintf("%.0f level changes an epoch fall to %.0f", b.LateFlips[0], b.LateFlips[1]),
				Holds: b.LateFlips[0] >= 5*b.LateFlips[1], Note: "mean of the last 3 epochs",
			})
		}
	}
	r.Tables = append(r.Tables, t)
	return r, nil
}
