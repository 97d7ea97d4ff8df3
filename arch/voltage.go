package arch

import "fmt"

// NodeModel holds the polynomials of Stillmaker & Baas (Integration 58, 2017)
// for one technology: energy factor e2·V² + e1·V + e0, delay factor
// d3·V³ + d2·V² + d1·V + d0 and power factor p2·V² + p1·V + p0. Coefficients of
// delay and power that could not be read at a source are zero.
type NodeModel struct {
	Name string
	Nm   float64
	E    [3]float64 // e2, e1, e0
	D    [4]float64 // d3, d2, d1, d0
	P    [3]float64 // p2, p1, p0
}

var nodeModels = []NodeModel{
	{Name: "130 bulk", Nm: 130, E: [3]float64{7.171, -6.709, 2.904}},
	{Name: "90 bulk", Nm: 90, E: [3]float64{4.762, -4.781, 2.092}},
	{"65 bulk", 65, [3]float64{3.755, -4.398, 1.975}, [4]float64{-53.3, 230.4, -333.9, 178.6}, [3]float64{12890, -10510, 4362}},
	{Name: "45 bulk", Nm: 45, E: [3]float64{1.103, -0.362, 0.2767}},
	{Name: "32 bulk", Nm: 32, E: [3]float64{0.9559, -0.7823, 0.471}},
	{"45 HP", 45, [3]float64{1.018, -0.3107, 0.1539}, [4]float64{-501.6, 1567, -1619, 566.1}, [3]float64{5462, -1760, 522.4}},
	{"32 HP", 32, [3]float64{0.8367, -0.4341, 0.1701}, [4]float64{-1047, 2982, -2797, 873.5}, [3]float64{4001, -1733, 533.6}},
	{"20 MG", 20, [3]float64{0.373, -0.1582, 0.04104}, [4]float64{0, 34.63, -66.37, 41.15}, [3]float64{2922, -1286, 299.9}},
	{"16 MG", 16, [3]float64{0.2958, -0.1241, 0.03024}, [4]float64{0, 24.8, -47.52, 28.87}, [3]float64{2133, -882.6, 197.7}},
	{"14 MG", 14, [3]float64{0.2363, -0.09675, 0.02239}, [4]float64{-40.66, 109.2, -100.6, 35.92}, [3]float64{1675, -711, 159}},
	{"10 MG", 10, [3]float64{0.2068, -0.09311, 0.02375}, [4]float64{-34.95, 93.65, -85.99, 30.4}, [3]float64{1456, -621.6, 143.8}},
	{"7 MG", 7, [3]float64{0.1776, -0.09097, 0.02447}, [4]float64{-28.58, 76.6, -70.26, 24.69}, [3]float64{1179, -515.7, 123.4}},
}

// NodeModels lists the technologies that have voltage polynomials. 45 and 32 nm
// appear twice: bulk, and high-k high performance.
func NodeModels() []NodeModel { return append([]NodeModel(nil), nodeModels...) }

// FindNodeModel returns the technology of that name, such as "32 HP".
func FindNodeModel(name string) (NodeModel, error) {
	for _, n := range nodeModels {
		if n.Name == name {
			return n, nil
		}
	}
	return NodeModel{}, fmt.Errorf("no technology %q", name)
}

// Energy returns the energy factor EF at v volts; only ratios have a meaning.
func (n NodeModel) Energy(v float64) float64 { return (n.E[0]*v+n.E[1])*v + n.E[2] }

// Delay returns the delay factor DF at v volts.
func (n NodeModel) Delay(v float64) float64 { return ((n.D[0]*v+n.D[1])*v+n.D[2])*v + n.D[3] }

// Power returns the power factor PF at v volts.
func (n NodeModel) Power(v float64) float64 { return (n.P[0]*v+n.P[1])*v + n.P[2] }

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
		if distance(n.Nm, techNm) <= distance(best.Nm, techNm) { // the later row of a node is the high-k one
			best = n
		}
	}
	return best.Energy(toV) / best.Energy(fromV)
}

func distance(a, b float64) float64 { return max(a/b, b/a) }
