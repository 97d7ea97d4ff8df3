package kernels

// forward is the slow, obvious float executor: every node of one image, straight
// from the definition of its operator.
func forward(net *Network, image []float32) []real {
	values := make([]real, len(net.Nodes))
	x := make([]float32, len(image))
	toCHW(x, image, net.InputShape())
	values[0] = real{net.InputShape(), widened(x)}
	for i := 1; i < len(net.Nodes); i++ {
		node := &net.Nodes[i]
		values[i] = caseOf(node).define(node, inputs(node, values))
	}
	return values
}
