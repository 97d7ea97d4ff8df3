package arch

// nodeModel is the energy factor of Stillmaker & Baas (Integration 58, 2017) for one
// technology, e2·V² + e1·V + e0; only ratios have a meaning.
type nodeModel struct {
	name string
	nm   float64
	e    [3]float64 // e2, e1, e0
}

// nodeModels has 45 and 32 nm twice: bulk, and high-k high performance.
var nodeModels = []nodeModel{
	{"130 bulk", 130, [3]float64{7.171, -6.709, 2.904}},
	{"90 bulk", 90, [3]float64{4.762, -4.781, 2.092}},
	{"65 bulk", 65, [3]float64{3.755, -4.398, 1.975}},
	{"45 bulk", 45, [3]float64{1.103, -0.362, 0.2767}},
	{"32 bulk", 32, [3]float64{0.9559, -0.7823, 0.471}},
	{"45 HP", 45, [3]float64{1.018, -0.3107, 0.1539}},
	{"32 HP", 32, [3]float64{0.8367, -0.4341, 0.1701}},
	{"20 MG", 20, [3]float64{0.373, -0.1582, 0.04104}},
	{"16 MG", 16, [3]float64{0.2958, -0.1241, 0.03024}},
	{"14 MG", 14, [3]float64{0.2363, -0.09675, 0.02239}},
	{"10 MG", 10, [3]float64{0.2068, -0.09311, 0.02375}},
	{"7 MG", 7, [3]float64{0.1776, -0.09097, 0.02447}},
}

// energy returns the factor at v volts.
func (n *nodeModel) energy(v float64) float64 { return (n.e[0]*v+n.e[1])*v + n.e[2] }

// VoltageScale is the energy ratio at one node between two supply voltages, by
// the polynomials of the nearest node (high-k at 45 and 32 nm). Their values at
// nominal voltage are up to 1.8 times off the measured inverters, so they serve
// voltage studies only, never a change of node.
func VoltageScale(techNm, fromV, toV float64) float64 {
	if fromV == toV {
		return 1
	}
	best := nodeModels[0]
	for _, n := range nodeModels {
		if distance(n.nm, techNm) <= distance(best.nm, techNm) { // the later row of a node is the high-k one
			best = n
		}
	}
	return best.energy(toV) / best.energy(fromV)
}

func distance(a, b float64) float64 { return max(a/b, b/a) }
