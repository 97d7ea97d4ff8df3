package mimo

import (
	"context"
	"fmt"
	"strings"

	"bitcycle/internal/proof"
	"bitcycle/mimo"
)

// duel is a Sigma-Delta scheme against its direct counterpart.
type duel struct {
	ours, other           string
	oursNamed, otherNamed string
	points                int
	snrs                  []float64
	channels              [2]int // of quick and full runs
}

// H4: Sigma-Delta zero forcing and symbol-level precoding beat their direct one-bit
// counterparts.
func H4(ctx context.Context, o Options) (proof.Claim, error) {
	c := claim("H4", "multi-user ΣΔ zero forcing and ΣΔ symbol-level precoding considerably beat their direct one-bit counterparts")
	var lost []string
	for _, d := range []duel{
		{"sd-zf", "direct", "ΣΔ-ZF", "direct one-bit ZF", 16, []float64{0, 5, 10, 15, 20}, [2]int{16, 64}},
		{"sd-slp", "msm", "ΣΔ-SLP", "MSM and sign", 16, []float64{0, 5, 10}, [2]int{2, 16}},
		{"sd-zf", "direct", "ΣΔ-ZF", "direct one-bit ZF", 4, []float64{-10, -5, 0, 5, 10}, [2]int{16, 64}},
		{"sd-slp", "msm", "ΣΔ-SLP", "MSM and sign", 4, []float64{-10, -5, 0}, [2]int{2, 16}},
	} {
		row, err := d.fight(ctx, o)
		if err != nil {
			return c, err
		}
		if row.Verdict == proof.Fails {
			lost = append(lost, fmt.Sprintf("%s at %d-QAM", d.oursNamed, d.points))
		}
		c.Evidence = append(c.Evidence, row)
	}
	where := ""
	if len(lost) > 0 {
		where = "constellations have several levels in each dimension; not for " + strings.Join(lost, ", ")
	}
	judge(&c, allPass(c.Evidence[:2]), where)
	return c, nil
}

// fight compares the transmit power that the two need for an error rate of 1e-2.
func (d duel) fight(ctx context.Context, o Options) (proof.Row, error) {
	var needed [2]float64
	var notes [2]string
	for i, name := range []string{d.ours, d.other} {
		curve, err := simulateCurve(ctx, o, d.points, mimo.Scheme{Precoder: name}, d.snrs, pick(o, d.channels[0], d.channels[1]))
		if err != nil {
			return proof.Row{}, err
		}
		var reached bool
		needed[i], reached = neededSNR(curve, 1e-2)
		notes[i] = fmt.Sprintf("%.1f dB", needed[i])
		if !reached {
			notes[i] = "more than " + notes[i]
		}
	}
	row := atLeast("H4", fmt.Sprintf("%s over %s, %d-QAM: SNR saved at SER 1e-2", d.oursNamed, d.otherNamed, d.points), "dB", needed[1]-needed[0], 1)
	row.Note = notes[0] + " against " + notes[1]
	return row, nil
}
