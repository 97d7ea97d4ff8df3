package arch

import "math"

// nodePoint is a value at a technology node.
type nodePoint struct{ nm, value float64 }

// energyAt holds switching energies relative to 45 nm at nominal voltage: the
// measured inverters of Stillmaker & Baas (Integration 58, 2017), table 2, 1.05,
// 0.51, 0.179, 0.144, 0.122 and 0.111 fJ at 45, 32, 16, 14, 10 and 7 nm; above
// 45 nm, where the table is silent, their polynomials for bulk at 1.1, 1.2 and
// 1.3 V (voltages unconfirmed).
var energyAt = []nodePoint{
	{7, 0.111 / 1.05},
	{10, 0.122 / 1.05},
	{14, 0.144 / 1.05},
	{16, 0.179 / 1.05},
	{32, 0.51 / 1.05},
	{45, 1},
	{65, 1.680750 / 1.043910},
	{90, 3.212080 / 1.043910},
	{130, 6.301290 / 1.043910},
}

// powerAt holds the inverters' power in µW; 65 nm by the ratio of the polynomials at
// 1.1 V.
var powerAt = []nodePoint{{7, 0.789}, {10, 0.866}, {14, 0.995}, {16, 1.28}, {32, 2.47}, {45, 5.19}, {65, 5.19 * 8397.9 / 5195.42}}

// nominalV holds nominal supply voltages (Stillmaker & Baas 2017, table 2;
// above 45 nm and at 20 nm unconfirmed).
var nominalV = []nodePoint{
	{7, 0.8}, {10, 0.83}, {14, 0.86}, {16, 0.86}, {20, 0.9}, {32, 0.97}, {45, 1.1}, {65, 1.1}, {90, 1.2}, {130, 1.3},
}

// EnergyScale is the ratio of switching energies to/from between technologies
// in nm at their nominal voltages: Stillmaker & Baas' measured inverters,
// interpolated between nodes in the logarithms, constant outside 7–130 nm.
func EnergyScale(fromNm, toNm float64) float64 {
	if fromNm == toNm {
		return 1
	}
	return logLog(energyAt, toNm) / logLog(energyAt, fromNm)
}

// PowerScale is the ratio of an inverter's power at full speed, constant outside
// 7–65 nm; same source and interpolation as [EnergyScale].
func PowerScale(fromNm, toNm float64) float64 { return logLog(powerAt, toNm) / logLog(powerAt, fromNm) }

// NominalVoltage returns the nominal supply voltage at a node in nm, to six digits.
func NominalVoltage(nm float64) float64 { return digits(logLog(nominalV, nm)) }

// logLog interpolates ascending points linearly in the logarithms of both
// coordinates; outside it holds the end values.
func logLog(points []nodePoint, nm float64) float64 {
	last := len(points) - 1
	if !(nm > points[0].nm) {
		return points[0].value
	}
	if nm >= points[last].nm {
		return points[last].value
	}
	i := 1
	for nm > points[i].nm {
		i++
	}
	a, b := points[i-1], points[i]
	if nm == b.nm {
		return b.value
	}
	t := math.Log(nm/a.nm) / math.Log(b.nm/a.nm)
	return a.value * math.Pow(b.value/a.value, t)
}
