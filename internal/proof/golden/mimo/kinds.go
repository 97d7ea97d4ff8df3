package goldencheck

import (
	"fmt"
	"math"
	"math/cmplx"

	"bitcycle/internal/proof/golden"
	"bitcycle/mimo"
)

const degree = math.Pi / 180

// marginShare is how far below the optimum of the linear programme the max-min
// solver may end.
const marginShare = 0.03

var kinds = map[string]func(in *arguments, v *golden.Verdict) error{
	"steering_vector": func(in *arguments, v *golden.Verdict) error {
		omega := mimo.Omega(in.Theta.first()*degree, in.Spacing)
		v.Close("omega", omega)
		closeTo(v, "a", mimo.Steering(omega, in.N))
		return nil
	},
	"sd1_plain":            plain,
	"sd1_steered":          steered,
	"sd1_channel_adaptive": adaptive,
	"sd2": func(in *arguments, v *golden.Verdict) error {
		return trace(mimo.Modulator{Order: 2, Levels: in.Levels, Psi: in.Psi.first()}, in, v)
	},
	"sd1_blocks": func(in *arguments, v *golden.Verdict) error {
		return trace(mimo.Modulator{Chains: in.Blocks, Psi: in.Psi.first()}, in, v)
	},
	"amax_steered": func(in *arguments, v *golden.Verdict) error {
		var amax []float64
		for _, psi := range in.Psi {
			amax = append(amax, mimo.AmaxSteered(psi))
		}
		v.Close("amax", amax...)
		return nil
	},
	"qnoise_power":   qnoise,
	"zf_matrix":      zfMatrix,
	"sd_zf_pipeline": sigmaDeltaZF,
	"quantised_zf":   quantizedZF,
	"sd_mrt":         sigmaDeltaMRT,
	"sep_qam":        sep,
	"qam_detect":     detect,
	"eff_noise":      effectiveNoise,
	"squid":          squid,
	"c2po":           c2po,
	"slp_lp_optimum": margin,
	"cost_model":     cost,
	"prox_linf_squared": func(in *arguments, v *golden.Verdict) error {
		v.Close("x", mimo.ProxInf(in.W, in.Lam)...)
		return nil
	},
}

// trace compares the signals of a modulator.
func trace(m mimo.Modulator, in *arguments, v *golden.Verdict) error {
	if err := m.Validate(); err != nil {
		return err
	}
	xbar := in.XBar.column()
	tr := m.Trace(xbar)
	var fast mimo.Matrix
	m.Run(&fast, xbar, 1)
	closeTo(v, "b", line(tr.B))
	closeTo(v, "q", line(tr.Q))
	var peak float64
	for _, q := range line(tr.Q) {
		peak = max(peak, math.Abs(real(q)), math.Abs(imag(q)))
	}
	v.Close("max_abs_q", peak)
	if err := equal(v, "x", line(tr.X)); err != nil {
		return err
	}
	return equal(v, "x", line(&fast))
}

func plain(in *arguments, v *golden.Verdict) error {
	return trace(mimo.Modulator{Psi: in.Psi.first()}, in, v)
}

// received is Σ h_n·(x_n − x̄_n) and the last quantization error.
func received(m mimo.Modulator, h []complex128, xbar *mimo.Matrix) (err, last complex128) {
	tr := m.Trace(xbar)
	for n, v := range h {
		err += v * (tr.X.At(n, 0) - xbar.At(n, 0))
	}
	return err, tr.Q.At(len(h)-1, 0)
}

func steered(in *arguments, v *golden.Verdict) error {
	psi := mimo.Omega(in.Theta0*degree, in.Spacing)
	m := mimo.Modulator{Psi: psi}
	v.Close("psi", psi)
	v.Close("amax", mimo.AmaxSteered(psi))
	xbar := in.XBar.column()
	a := mimo.Steering(psi, xbar.Rows)
	err, last := received(m, a, xbar)
	closeTo(v, "err", []complex128{err})
	closeTo(v, "err_closed", []complex128{a[len(a)-1] * last})
	return trace(m, in, v)
}

func adaptive(in *arguments, v *golden.Verdict) error {
	h := in.H.vector()
	m := mimo.Adaptive(h)
	err, _ := received(m, h, in.XBar.column())
	closeTo(v, "err", []complex128{err})
	return trace(m, in, v)
}

func qnoise(in *arguments, v *golden.Verdict) error {
	var power []float64
	m := mimo.Modulator{Order: in.Order, Levels: 2 * max(1, in.Order), Psi: in.Psi.first()}
	for _, theta := range in.Theta {
		omega := mimo.Omega(theta*degree, in.Spacing)
		closed := mimo.QNoise(omega, in.N, in.Psi.first(), in.Order)
		summed := m.NoisePower(mimo.Steering(omega, in.N), 0)
		if math.Abs(closed-summed) > 1e-9*(1+closed) {
			return fmt.Errorf("closed form %v, sum %v", closed, summed)
		}
		power = append(power, closed)
	}
	v.Close("power", power...)
	return nil
}

// channel is the linear-array channel of the users.
func (in *arguments) channel() *mimo.Channel {
	alpha := in.Alpha.vector()
	users := make([]mimo.User, len(in.Theta))
	for i, theta := range in.Theta {
		users[i] = mimo.User{Azimuth: theta * degree, Gain: alpha[i]}
	}
	return mimo.NewULA(users, in.N, in.Spacing)
}

func zfMatrix(in *arguments, v *golden.Verdict) error {
	ch := in.channel()
	closeTo(v, "H", flat(ch.H))
	var pinv mimo.Matrix
	if err := mimo.RightInverse(&pinv, ch, 0); err != nil {
		return err
	}
	closeTo(v, "pinv", flat(&pinv))
	v.Close("trace", pinv.Energy())
	zf := mimo.Linear{Rule: mimo.ZF}
	if err := zf.Prepare(ch, mimo.Params{Power: in.P, QAM: mimo.QAM{D: in.QAMD}}); err != nil {
		return err
	}
	var tx mimo.Transmit
	zf.Precode(&tx, mimo.NewMatrix(len(in.Theta), 1))
	v.Close("beta", tx.Scale)
	return nil
}

func sigmaDeltaZF(in *arguments, v *golden.Verdict) error {
	ch, s := in.channel(), in.S.matrix()
	zf := mimo.SigmaDeltaZF{Modulator: mimo.Modulator{Psi: in.Psi.first()}}
	if err := zf.Prepare(ch, mimo.Params{Power: in.P, NoiseVar: in.NoiseVar, QAM: mimo.QAM{D: in.QAMD}}); err != nil {
		return err
	}
	v.Close("w", zf.UserWeights()...)
	var xbar, y mimo.Matrix
	g := zf.Bar(&xbar, s)
	v.Close("g", g)
	scaled := flat(&xbar)
	for i := range scaled {
		scaled[i] *= complex(g, 0)
	}
	closeTo(v, "xbar", scaled)
	var tx mimo.Transmit
	zf.Precode(&tx, s)
	v.Close("d_rx", tx.Gain...)
	mimo.Receive(&y, ch, &tx, 0, nil)
	closeTo(v, "y", flat(&y))
	return equal(v, "x", flat(&tx.X))
}

func quantizedZF(in *arguments, v *golden.Verdict) error {
	ch, s := in.channel(), in.S.matrix()
	zf := mimo.Linear{Rule: mimo.ZF, Bits: 1}
	if err := zf.Prepare(ch, mimo.Params{Power: in.P, NoiseVar: in.NoiseVar, QAM: mimo.QAM{D: in.QAMD}}); err != nil {
		return err
	}
	var tx mimo.Transmit
	var y mimo.Matrix
	zf.Precode(&tx, s)
	mimo.Receive(&y, ch, &tx, 0, nil)
	closeTo(v, "y", flat(&y))
	var gains []float64
	for i := range s.Rows {
		gains = append(gains, mimo.LeastSquaresGain(&y, s, i))
	}
	v.Close("gain", gains...)
	return equal(v, "x", flat(&tx.X))
}

func sigmaDeltaMRT(in *arguments, v *golden.Verdict) error {
	d := max(in.D, 1)
	if in.D == 0 {
		d = in.QAMD
	}
	mrt := mimo.SigmaDeltaMRT{}
	if err := mrt.Prepare(in.channel(), mimo.Params{Power: in.P, QAM: mimo.QAM{D: d}}); err != nil {
		return err
	}
	amp := complex(1, 0)
	if in.AMax != 0 {
		amp = complex(in.AMax, 0) // the modulator's own bound is 1
	}
	var xbar mimo.Matrix
	var tx mimo.Transmit
	s := in.S.matrix()
	mrt.Bar(&xbar, s)
	mrt.Precode(&tx, s)
	got := flat(&xbar)
	for i := range got {
		got[i] *= amp
	}
	closeTo(v, "xbar", got)
	v.Close("rx_gain", tx.Gain[0]*real(amp)/tx.Scale)
	return nil
}

func sep(in *arguments, v *golden.Verdict) error {
	var seps, bounds, energies []float64
	for _, c := range in.Cases {
		q := mimo.QAM{D: c.D}
		s, b := q.SEP(c.Half, c.NoiseVar)
		seps, bounds, energies = append(seps, s), append(bounds, b), append(energies, q.Energy())
	}
	v.Close("sep", seps...)
	v.Close("bound", bounds...)
	v.Close("es", energies...)
	return nil
}

func detect(in *arguments, v *golden.Verdict) error {
	q := mimo.QAM{D: max(in.D, 1)}
	var decided []complex128
	for _, z := range in.Z.vector() {
		decided = append(decided, complex(q.Slice(real(z)), q.Slice(imag(z))))
	}
	return equal(v, "shat", decided)
}

func effectiveNoise(in *arguments, v *golden.Verdict) error {
	var sigma2 []float64
	for i, theta := range in.Theta {
		alpha := in.AbsAlpha[i]
		q := mimo.QNoise(mimo.Omega(theta*degree, in.Spacing), in.N, in.Psi.first(), in.Order)
		sigma2 = append(sigma2, mimo.EffectiveNoise(in.NoiseVar, in.P, in.N, alpha*alpha, q))
	}
	v.Close("sigma2", sigma2...)
	return nil
}

func squid(in *arguments, v *golden.Verdict) error {
	ch := mimo.NewChannel(in.H.matrix())
	z := mimo.SQUID{MinNoise: -1}
	if in.Iters >= 0 {
		z.Iterations = in.Iters
	}
	if err := z.Prepare(ch, mimo.Params{Power: 1, NoiseVar: in.N0}); err != nil {
		return err
	}
	var x mimo.Matrix
	beta := z.Solve(&x, in.S.column())
	v.Close("beta", beta...)
	return signals(v, &x)
}

// signals compares one-bit antenna signals, whose vectors in the file have a norm of 1.
func signals(v *golden.Verdict, x *mimo.Matrix) error {
	var want values
	v.Want("x", &want)
	for i, got := range line(x) {
		w := complex(want.re[i], want.im[i])
		if real(w)*real(got) <= 0 || imag(w)*imag(got) <= 0 {
			return fmt.Errorf("output x[%d]: sign differs", i)
		}
		if d := cmplx.Abs(got/complex(math.Sqrt(2*float64(x.Rows)), 0) - w); d > 1e-12 {
			return fmt.Errorf("output x[%d]: off by %g", i, d)
		}
	}
	return nil
}

func c2po(in *arguments, v *golden.Verdict) error {
	ch := mimo.NewChannel(in.H.matrix())
	z := mimo.CxPO{Tau: in.Tau, Rho: in.Rho}
	if in.Iters > 1 {
		z.Passes = in.Iters - 1 // the file counts the start as the first
	}
	if err := z.Prepare(ch, mimo.Params{Power: 1}); err != nil {
		return err
	}
	var x mimo.Matrix
	beta := z.Solve(&x, in.S.column())
	closeTo(v, "beta", beta)
	return signals(v, &x)
}

// margin solves the linear programme by the max-min solver, which may end short of
// the optimum but not beyond it.
func margin(in *arguments, v *golden.Verdict) error {
	ch, s := in.channel(), in.S.matrix()
	z := mimo.MarginDesign{Schedule: mimo.Schedule{Iterations: 2400, Last: 0.003}, Amp: 1, Sigma: in.Sigma}
	if err := z.Prepare(ch, mimo.QAM{D: in.QAMD}); err != nil {
		return err
	}
	var xbar mimo.Matrix
	var optimum float64
	reached := z.Solve(&xbar, s)
	v.Close("zf_margin", z.Start)
	v.Want("optimum", &optimum)
	in.shortfalls[in.id] = 1 - reached/optimum
	if peak := xbar.Peak(); peak > 1 {
		return fmt.Errorf("peak %v is above the bound", peak)
	}
	if reached < (1-marginShare)*optimum || reached > optimum+1e-6 {
		return fmt.Errorf("margin %v, optimum %v", reached, optimum)
	}
	return nil
}

func cost(in *arguments, v *golden.Verdict) error {
	var fom, binary []float64
	for _, b := range in.Bits {
		fom, binary = append(fom, mimo.DACPowerFoM(b, in.FS)), append(binary, mimo.DACPowerBinary(b, in.FS))
	}
	v.Close("P_dac_fom", fom...)
	v.Close("P_dac_binw", binary...)
	zf := mimo.SigmaDeltaZF{Modulator: mimo.Modulator{Chains: in.Blocks}}
	c := zf.Cost(in.N, in.K)
	v.Close("zf_block_cm", c.MatrixCMACs)
	v.Close("apply_cm", c.SymbolCMACs())
	v.Close("sd_real_adds", float64(c.Chain.RealAdds*c.Chain.Antennas))
	v.Close("fronthaul_onebit", mimo.FronthaulRate(in.N, 1, in.FS))
	v.Close("latency_cycles", float64(c.Chain.Latency()))
	return nil
}
