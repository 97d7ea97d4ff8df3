package golden

import "bitcycle/mimo"

// channel is the linear-array channel of the users.
func (c *Case) channel() *mimo.Channel {
	alpha := c.values("alpha").vector()
	users := make([]mimo.User, len(alpha))
	for i, theta := range c.list("theta_deg") {
		users[i] = mimo.User{Azimuth: theta * degree, Gain: alpha[i]}
	}
	return mimo.NewULA(users, c.whole("N", 0), c.number("d_over_lambda", 0))
}

// params are the powers and the constellation.
func (c *Case) params() mimo.Params {
	return mimo.Params{Power: c.number("P", 1), NoiseVar: c.number("noise_var", 0), QAM: mimo.QAM{D: c.whole("qam_D", 2)}}
}

// ready fails the case where a precoder does not take the channel.
func (c *Case) ready(err error) bool {
	if err != nil {
		c.fail("%v", err)
	}
	return err == nil
}

func zeroForcing(c *Case) {
	ch := c.channel()
	c.closeComplex("H", flat(ch.H))
	var pinv mimo.Matrix
	zf := mimo.Linear{Rule: mimo.ZF}
	if !c.ready(mimo.RightInverse(&pinv, ch, 0)) || !c.ready(zf.Prepare(ch, c.params())) {
		return
	}
	c.closeComplex("pinv", flat(&pinv))
	c.close("trace", pinv.Energy())
	var tx mimo.Transmit
	zf.Precode(&tx, mimo.NewMatrix(ch.H.Rows, 1))
	c.close("beta", tx.Scale)
}

func sigmaDeltaZF(c *Case) {
	ch, s := c.channel(), c.values("S").matrix()
	zf := mimo.SigmaDeltaZF{Modulator: mimo.Modulator{Psi: c.number("psi", 0)}}
	if !c.ready(zf.Prepare(ch, c.params())) {
		return
	}
	c.close("w", zf.UserWeights()...)
	var xbar, y mimo.Matrix
	g := zf.Bar(&xbar, s)
	c.close("g", g)
	c.closeComplex("xbar", scaled(flat(&xbar), g))
	var tx mimo.Transmit
	zf.Precode(&tx, s)
	c.close("d_rx", tx.Gain...)
	mimo.Receive(&y, ch, &tx, 0, nil)
	c.closeComplex("y", flat(&y))
	c.sameComplex("x", flat(&tx.X))
}

func quantizedZF(c *Case) {
	ch, s := c.channel(), c.values("S").matrix()
	zf := mimo.Linear{Rule: mimo.ZF, Bits: 1}
	if !c.ready(zf.Prepare(ch, c.params())) {
		return
	}
	var tx mimo.Transmit
	var y mimo.Matrix
	zf.Precode(&tx, s)
	mimo.Receive(&y, ch, &tx, 0, nil)
	c.closeComplex("y", flat(&y))
	var gains []float64
	for i := range s.Rows {
		gains = append(gains, mimo.LeastSquaresGain(&y, s, i))
	}
	c.close("gain", gains...)
	c.sameComplex("x", flat(&tx.X))
}

func sigmaDeltaMRT(c *Case) {
	p := c.params()
	p.QAM.D = c.whole("D", p.QAM.D)
	mrt := mimo.SigmaDeltaMRT{}
	if !c.ready(mrt.Prepare(c.channel(), p)) {
		return
	}
	amp := c.number("amax", 1) // the modulator's own bound is 1
	var xbar mimo.Matrix
	var tx mimo.Transmit
	s := c.values("s").matrix()
	mrt.Bar(&xbar, s)
	mrt.Precode(&tx, s)
	c.closeComplex("xbar", scaled(flat(&xbar), amp))
	c.close("rx_gain", tx.Gain[0]*amp/tx.Scale)
}

func scaled(v []complex128, by float64) []complex128 {
	for i := range v {
		v[i] *= complex(by, 0)
	}
	return v
}

func squid(c *Case) {
	z := mimo.SQUID{MinNoise: -1, Iterations: c.whole("iters", 0)}
	if !c.ready(z.Prepare(mimo.NewChannel(c.values("H").matrix()), mimo.Params{Power: 1, NoiseVar: c.number("N0", 0)})) {
		return
	}
	var x mimo.Matrix
	c.close("beta", z.Solve(&x, c.values("s").column())...)
	signals(c, &x)
}

func c2po(c *Case) {
	z := mimo.CxPO{Tau: c.number("tau", 0), Rho: c.number("rho", 0)}
	if iterations := c.whole("iters", 0); iterations > 1 {
		z.Passes = iterations - 1 // the file counts the start as the first
	}
	if !c.ready(z.Prepare(mimo.NewChannel(c.values("H").matrix()), mimo.Params{Power: 1})) {
		return
	}
	var x mimo.Matrix
	c.closeComplex("beta", z.Solve(&x, c.values("s").column()))
	signals(c, &x)
}

// shortfall is how far below the optimum of the linear programme the max-min
// solver may end.
const shortfall = 0.03

// margin solves the linear programme by the max-min solver, which may end short of
// the optimum but not beyond it. The figure of the case is how short.
func margin(c *Case) {
	z := mimo.MarginDesign{Schedule: mimo.Schedule{Iterations: 2400, Last: 0.003}, Amp: 1, Sigma: c.list("sigma")}
	if !c.ready(z.Prepare(c.channel(), c.params().QAM)) {
		return
	}
	var xbar mimo.Matrix
	reached := z.Solve(&xbar, c.values("S").matrix())
	c.close("zf_margin", z.Start)
	var optimum float64
	if !c.output("optimum", &optimum) {
		return
	}
	if peak := xbar.Peak(); peak > 1 {
		c.fail("peak %v is above the bound", peak)
	}
	if reached > optimum+1e-6 {
		c.fail("margin %v is above the optimum %v", reached, optimum)
	}
	c.largest, c.tolerance, c.bitwise = 1-reached/optimum, shortfall, false
}
