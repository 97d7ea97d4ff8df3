package onnx

import "bitcycle/kernels"

// The operators of Deeploy's integer networks, which work along the last axis.

// outLast writes an operator that has the channels last.
func (x *exporter) outLast(i int, op string, attrs map[string]attribute, constants ...string) {
	rank := x.rank(i)
	in := x.input(i, 0, rank)
	if rank == 2 {
		x.out(i, rank, op, attrs, append([]string{in}, constants...)...)
		x.foreign(wholeDomain)
		return
	}
	name := x.net.Nodes[i].Name
	in = x.add(name+"_last", "Transpose", []string{in}, map[string]attribute{"perm": intsAttr(0, 2, 3, 1)})
	y := x.add(name+"_whole", op, append([]string{in}, constants...), attrs)
	x.foreign(wholeDomain)
	x.out(i, rank, "Transpose", map[string]attribute{"perm": intsAttr(0, 3, 1, 2)}, y)
}

func writeWholeSoftmax(x *exporter, i int) {
	o := x.net.Nodes[i].Op.(kernels.WholeSoftmax)
	attrs, name := map[string]attribute{"n_levels": intAttr(int64(o.Levels))}, "ITAMax"
	switch {
	case o.Group > 0:
		name, attrs["group_width"] = "ITAPartialMax", intAttr(int64(o.Group))
	case o.Period > 0:
		name = "iSoftmax"
		for key, v := range map[string]int64{"coeffA": o.A, "coeffB": o.B, "coeffC": o.C, "log2": o.Period} {
			attrs[key] = intAttr(v)
		}
	}
	x.outLast(i, name, attrs)
}

func writeWholeNorm(x *exporter, i int) {
	n := &x.net.Nodes[i]
	o := n.Op.(kernels.WholeNorm)
	attrs := map[string]attribute{"D": floatAttr(o.Divisor), "n_levels": intAttr(256)}
	constants := []string{x.floats(n.Name+".weight", o.Factor, len(o.Factor))}
	name := "iRMSNorm"
	if o.Center {
		name = "iLayerNorm"
		offset := o.Offset
		if offset == nil {
			offset = make([]float32, len(o.Factor))
		}
		constants = append(constants, x.floats(n.Name+".bias", offset, len(offset)))
	}
	x.outLast(i, name, attrs, constants...)
}

func writeWholeDiv(x *exporter, i int) {
	o, rank := x.net.Nodes[i].Op.(kernels.WholeDiv), x.rank(i)
	attrs := map[string]attribute{"Delta": intAttr(o.Gain), "eta": intAttr(o.Share), "eps": intAttr(o.Rest)}
	x.out(i, rank, "IntegerDiv", attrs, x.input(i, 0, rank), x.input(i, 1, rank))
	x.foreign(wholeDomain)
}

func writeWholeGelu(x *exporter, i int) {
	o, rank := x.net.Nodes[i].Op.(kernels.Scalar), x.rank(i)
	x.out(i, rank, "iGELU", map[string]attribute{"b": floatAttr(o.A), "one": floatAttr(o.B)}, x.input(i, 0, rank))
	x.foreign(wholeDomain)
}
