package quantizers

import "bitcycle/kernels"

// Storage is what the weights of a quantized layer take.
type Storage struct {
	Layer    string
	Channels int     // output channels
	MeanBits float64 // of a weight
	ActBits  int     // of an activation
	Bytes    int64   // of all weights at their widths, scales excluded
}

// StorageOf lists the layers of a quantized network in its order.
func StorageOf(q *kernels.Quantized) []Storage {
	list := make([]Storage, len(q.Layers))
	for i := range q.Layers {
		l := &q.Layers[i]
		channels := l.Rows()
		bits := l.RowBits.Sum(channels) * int64(len(l.W)/channels)
		if l.Group > 0 { // every weight is in one group
			groups := channels / len(l.Gain)
			bits, channels = bits/int64(groups), channels/groups
		}
		list[i] = Storage{
			Layer: q.Net.Nodes[l.Node].Name, Channels: channels, MeanBits: l.RowBits.Mean(channels),
			ActBits: int(l.In.Bits), Bytes: (bits + 7) / 8,
		}
	}
	return list
}

// Storage lists what the weights of a network take at the widths of the policy,
// which is one of the network.
func (p *Policy) Storage(net *kernels.Network) []Storage {
	var list []Storage
	for i, n := range net.Layers() {
		l := &p.Layers[i]
		product, _ := net.Product(n)
		m := product.Channels
		list = append(list, Storage{
			Layer: l.Name, Channels: m, MeanBits: l.WeightBits.Mean(m), ActBits: int(l.ActBits),
			Bytes: (l.WeightBits.Sum(m)*int64(product.K) + 7) / 8,
		})
	}
	return list
}
