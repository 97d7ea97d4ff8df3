package reproduce

import (
	"math"

	"bitcycle/arch"
	"bitcycle/mimo"
)

// linkBudget turns a signal-to-noise ratio of the model, transmit power over receiver
// noise with channels of unit magnitude, into watts.
type linkBudget struct {
	distanceM     float64
	noiseFigureDB float64
	temperatureK  float64
}

// defaultLinkBudget is 100 m in free space, a noise figure of 8 dB at 290 K.
func defaultLinkBudget() linkBudget { return linkBudget{100, 8, 290} }

// noiseW is the noise of a receiver, k·T·B·F, over the gain of the path between
// isotropic antennas, (λ/4πd)²: the power in W that a ratio of 1 radiates.
func (b linkBudget) noiseW(carrierHz, bandwidthHz float64) float64 {
	const boltzmann, light = 1.380649e-23, 299792458.0
	path := light / carrierHz / (4 * math.Pi * b.distanceM)
	return boltzmann * b.temperatureK * bandwidthHz * mimo.FromDB(b.noiseFigureDB) / (path * path)
}

// radiatedW is the power in W that a front end has to radiate for a ratio.
func (b linkBudget) radiatedW(fe *arch.FrontEnd, snrDB float64) float64 {
	return mimo.FromDB(snrDB) * b.noiseW(fe.Antennas.Carrier, fe.Signal.BandwidthHz)
}

// berAt interpolates the bit error rate of a curve in its logarithm.
func berAt(curve []mimo.Result, snrDB float64) float64 {
	for i := 1; i < len(curve); i++ {
		a, b := curve[i-1], curve[i]
		if snrDB > b.SNRdB {
			continue
		}
		if a.BER == 0 || b.BER == 0 {
			return b.BER
		}
		w := math.Max(0, (snrDB-a.SNRdB)/(b.SNRdB-a.SNRdB))
		return math.Exp((1-w)*math.Log(a.BER) + w*math.Log(b.BER))
	}
	return curve[len(curve)-1].BER
}
