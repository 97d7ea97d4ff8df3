package mimo

import (
	"context"
	"fmt"
	"math"

	"bitcycle/internal/proof"
	"bitcycle/mimo"
)

// R7 scales the modulator's input beyond the no-overload bound, in blocks of 1000
// symbols; longer blocks have higher peaks and so, at the same headroom, overload
// less.
func R7(ctx context.Context, o Options) ([]proof.Row, error) {
	base, err := overload(o, 1)
	if err != nil {
		return nil, err
	}
	rows := []proof.Row{near("R7", "overloaded samples without headroom", "share", base.share, 0, 0)}
	for _, headroom := range []float64{1.5, 2, 3} {
		h, err := overload(o, headroom)
		if err != nil {
			return nil, err
		}
		gained, gain := h.worst-base.worst, fmt.Sprintf("worst user's SQNR over headroom 1, headroom %g", headroom)
		share := fmt.Sprintf("overloaded samples, headroom %g", headroom)
		switch headroom {
		case 1.5:
			rows = append(rows, near("R7", gain, "dB", gained, 3.6, 1), near("R7", share, "share", h.share, 6e-4, 3e-4))
		case 2:
			rows = append(rows, shown("R7", gain, "dB", gained, 0, "the reference calls it the break-even"), shown("R7", share, "share", h.share, 0, ""))
		default:
			collapsed := atMost("R7", gain, "dB", gained, -6)
			collapsed.Note = "the reference says it collapses"
			rows = append(rows, collapsed, shown("R7", share, "share", h.share, 0, ""))
		}
	}
	shift, err := headroomShift(ctx, o)
	return append(rows, shift), err
}

// headroomShift is how much less power headroom 1.5 needs for an error rate of 1e-2;
// the reference follows from its error rates of R4 by the same interpolation.
func headroomShift(ctx context.Context, o Options) (proof.Row, error) {
	var needed [2]float64
	for i, h := range []float64{1, 1.5} {
		points, err := simulateCurve(ctx, o, 16, mimo.Scheme{Precoder: "sd-zf", Headroom: h}, []float64{0, 5, 10, 15}, pick(o, 16, 64))
		if err != nil {
			return proof.Row{}, err
		}
		needed[i], _ = neededSNR(points, 1e-2)
	}
	return near("R7", "shift of the 16-QAM curve at SER 1e-2 by headroom 1.5", "dB", needed[0]-needed[1], 3.4, 0.75), nil
}

type overloaded struct {
	worst float64 // mean over blocks of the worst user's signal-to-quantization ratio, dB
	share float64 // of quantization errors beyond 1
}

func overload(o Options, headroom float64) (overloaded, error) {
	s := mimo.DefaultScenario()
	channels, symbols := pick(o, 4, 24), 1000
	q := mimo.QAM{D: 2}
	sym := mimo.NewMatrix(s.Users, symbols)
	var out overloaded
	for c := range uint64(channels) {
		ch := draw(s, o.Seed, c)
		zf := mimo.SigmaDeltaZF{Headroom: headroom}
		if err := zf.Prepare(ch, mimo.Params{Power: 1, NoiseVar: 0.1, QAM: q}); err != nil {
			return out, err
		}
		q.Random(sym, mimo.Stream(o.Seed, c, 1))
		var xbar, e, y mimo.Matrix
		g := zf.Bar(&xbar, sym)
		mimo.Sub(&xbar, &xbar, &xbar, 1-g)
		tr := mimo.Modulator{}.Trace(&xbar)
		out.share += beyond(tr.Q) / float64(channels)
		mimo.Sub(&e, tr.X, &xbar, 1)
		mimo.Mul(&y, ch.H, &e)
		worst := math.Inf(1)
		for i, w := range zf.UserWeights() {
			re, im := y.Row(i)
			var power float64
			for t := range re {
				power += (re[t]*re[t] + im[t]*im[t]) / float64(symbols)
			}
			worst = min(worst, mimo.DB(g*g*w*w*q.Energy()/power))
		}
		out.worst += worst / float64(channels)
	}
	return out, nil
}

// beyond is the share of errors whose real or imaginary part exceeds 1.
func beyond(q *mimo.Matrix) float64 {
	count := 0
	for i := range q.Rows {
		re, im := q.Row(i)
		for t := range re {
			if math.Abs(re[t]) > 1+1e-12 {
				count++
			}
			if math.Abs(im[t]) > 1+1e-12 {
				count++
			}
		}
	}
	return float64(count) / float64(2*q.Rows*q.Cols)
}
