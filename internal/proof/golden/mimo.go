package golden

import (
	"math"
	"math/cmplx"

	"bitcycle/arch"
	"bitcycle/mimo"
)

const degree = math.Pi / 180

// mimoOperations repeats the vectors of package mimo. Angles are in degrees,
// d_over_lambda is the antenna spacing, D or qam_D says which QAM.
var mimoOperations = map[string]func(c *Case){
	"steering_vector": func(c *Case) {
		omega := c.omega(c.number("theta_deg", 0))
		c.close("omega", omega)
		c.closeComplex("a", mimo.Steering(omega, c.whole("N", 0)))
	},
	"sd1_plain":            func(c *Case) { modulated(c, mimo.Modulator{Psi: c.number("psi", 0)}) },
	"sd1_steered":          steered,
	"sd1_channel_adaptive": adaptive,
	"sd2": func(c *Case) {
		modulated(c, mimo.Modulator{Order: 2, Levels: c.whole("levels", 0), Psi: c.number("psi", 0)})
	},
	"sd1_blocks": func(c *Case) { modulated(c, mimo.Modulator{Chains: c.whole("blocks", 0), Psi: c.number("psi", 0)}) },
	"amax_steered": func(c *Case) {
		var amax []float64
		for _, psi := range c.list("psi") {
			amax = append(amax, mimo.Modulator{Psi: psi}.Amax(2))
		}
		c.close("amax", amax...)
	},
	"qnoise_power":   noisePower,
	"zf_matrix":      zeroForcing,
	"sd_zf_pipeline": sigmaDeltaZF,
	"quantised_zf":   quantizedZF,
	"sd_mrt":         sigmaDeltaMRT,
	"sep_qam": func(c *Case) {
		var cases []struct {
			D        int     `json:"D"`
			Half     float64 `json:"d"`
			NoiseVar float64 `json:"noise_var"`
		}
		c.decode("cases", &cases)
		var seps, bounds, energies []float64
		for _, one := range cases {
			q := mimo.QAM{D: one.D}
			s, b := q.SEP(one.Half, one.NoiseVar)
			seps, bounds, energies = append(seps, s), append(bounds, b), append(energies, q.Energy())
		}
		c.close("sep", seps...)
		c.close("bound", bounds...)
		c.close("es", energies...)
	},
	"qam_detect": func(c *Case) {
		q := mimo.QAM{D: c.whole("D", 1)}
		var decided []complex128
		for _, z := range c.values("z").vector() {
			decided = append(decided, complex(q.Slice(real(z)), q.Slice(imag(z))))
		}
		c.sameComplex("shat", decided)
	},
	"eff_noise":      effectiveNoise,
	"squid":          squid,
	"c2po":           c2po,
	"slp_lp_optimum": margin,
	"cost_model":     precoderCost,
	"prox_linf_squared": func(c *Case) {
		w := c.list("w")
		m := mimo.NewMatrix(len(w), 1)
		for i, v := range w {
			m.Set(i, 0, complex(v, 0))
		}
		prox := mimo.ProxInf{Lambda: c.number("lam", 0)}
		prox.Apply(m)
		var x []float64
		for _, v := range flat(m) {
			x = append(x, real(v))
		}
		c.close("x", x...)
	},
}

// omega is the phase step of an angle.
func (c *Case) omega(deg float64) float64 {
	return mimo.Omega(deg*degree, c.number("d_over_lambda", 0))
}

// modulated compares the signals of a modulator.
func modulated(c *Case, m mimo.Modulator) {
	if err := m.Validate(); err != nil {
		c.fail("%v", err)
		return
	}
	xbar := c.values("xbar").column()
	tr := m.Trace(xbar)
	var fast mimo.Matrix
	m.Run(&fast, xbar, 1)
	c.closeComplex("b", flat(tr.B))
	c.closeComplex("q", flat(tr.Q))
	var peak float64
	for _, q := range flat(tr.Q) {
		peak = max(peak, math.Abs(real(q)), math.Abs(imag(q)))
	}
	c.close("max_abs_q", peak)
	c.sameComplex("x", flat(tr.X))
	c.sameComplex("x", flat(&fast))
}

// received is Σ h_n·(x_n − x̄_n) and the last quantization error.
func received(m mimo.Modulator, h []complex128, xbar *mimo.Matrix) (err, last complex128) {
	tr := m.Trace(xbar)
	for n, v := range h {
		err += v * (tr.X.At(n, 0) - xbar.At(n, 0))
	}
	return err, tr.Q.At(len(h)-1, 0)
}

func steered(c *Case) {
	psi := c.omega(c.number("theta0_deg", 0))
	m := mimo.Modulator{Psi: psi}
	xbar := c.values("xbar").column()
	c.close("psi", psi)
	c.close("amax", m.Amax(xbar.Rows))
	a := mimo.Steering(psi, xbar.Rows)
	err, last := received(m, a, xbar)
	c.closeComplex("err", []complex128{err})
	c.closeComplex("err_closed", []complex128{a[len(a)-1] * last})
	modulated(c, m)
}

func adaptive(c *Case) {
	h := c.values("h").vector()
	m := mimo.Adaptive(h)
	err, _ := received(m, h, c.values("xbar").column())
	c.closeComplex("err", []complex128{err})
	modulated(c, m)
}

func noisePower(c *Case) {
	order := c.whole("order", 1)
	m := mimo.Modulator{Order: order, Levels: 2 * order, Psi: c.number("psi", 0)}
	var power []float64
	for _, theta := range c.list("theta_deg") {
		power = append(power, m.NoisePower(mimo.Steering(c.omega(theta), c.whole("N", 0)), 0))
	}
	c.close("power", power...)
}

func effectiveNoise(c *Case) {
	n := c.whole("N", 0)
	m := mimo.Modulator{Psi: c.number("psi", 0)}
	gains := c.list("abs_alpha")
	var variances []float64
	for i, theta := range c.list("theta_deg") {
		noise := m.NoisePower(mimo.Steering(c.omega(theta), n), 0)
		variances = append(variances, mimo.EffectiveNoise(c.number("noise_var", 0), c.number("P", 1), n, gains[i]*gains[i], noise))
	}
	c.close("sigma2", variances...)
}

// precoderCost compares what a front end of several sub-chains computes, and what
// its converters and its fronthaul take: those of the shipped one-bit front end,
// without the output buffer.
func precoderCost(c *Case) {
	fe, err := arch.LoadFrontEnd("sd-zf-256", nil)
	if err != nil {
		panic(err)
	}
	n, fs := c.whole("N", 0), c.number("fs", 0)
	fe.Antennas.Count, fe.Signal.BandwidthHz, fe.Signal.Oversampling = n, fs, 1
	fe.Fronthaul.Mode, fe.Converter.Buffer.Value = "antennas", 0
	c.close("fronthaul_onebit", fe.FronthaulRate())
	var fom, binary []float64
	for _, bits := range c.list("bits") {
		fe.Converter.Bits = int(bits)
		fom, binary = append(fom, fe.Converter.Power("fom", fs)), append(binary, fe.Converter.Power("binw", fs))
	}
	c.close("P_dac_fom", fom...)
	c.close("P_dac_binw", binary...)
	zf := mimo.SigmaDeltaZF{Modulator: mimo.Modulator{Chains: c.whole("blocks", 0)}}
	cost := zf.Cost(n, c.whole("K", 0))
	c.close("zf_block_cm", cost.MatrixCMACs)
	c.close("apply_cm", cost.SymbolCMACs())
	c.close("sd_real_adds", float64(cost.Chain.RealAdds*cost.Chain.Antennas))
	c.close("latency_cycles", float64(cost.Chain.Latency()))
}

// signals compares one-bit antenna signals, whose vectors in the file have a norm of 1.
func signals(c *Case, x *mimo.Matrix) {
	var want values
	if !c.output("x", &want) {
		return
	}
	for i, got := range flat(x) {
		w := want.vector()[i]
		if real(w)*real(got) <= 0 || imag(w)*imag(got) <= 0 {
			c.fail("output x[%d]: sign differs", i)
		}
		if d := cmplx.Abs(got/complex(math.Sqrt(2*float64(x.Rows)), 0) - w); d > 1e-12 {
			c.fail("output x[%d]: off by %g", i, d)
		}
	}
}
