package kernels

func init() {
	opCases["slice"] = opCase{
		op: Slice{}, image: true,
		draw: func(b *netBuilder, n *Node, in Shape) {
			o := Slice{}
			for d, size := range [3]int{in.C, in.H, in.W} {
				o.Start[d], o.Step[d] = b.int("start", 0, size-1), b.int("step", 1, 2)
				most := (size-1-o.Start[d])/o.Step[d] + 1
				if b.int("down", 0, 3) == 0 {
					most, o.Step[d] = o.Start[d]/o.Step[d]+1, -o.Step[d]
				}
				o.Count[d] = b.int("count", 1, most)
			}
			n.Op = o
		},
		define: func(n *Node, in []real) real {
			o := n.Op.(Slice)
			out := newReal(o.Count[0], o.Count[1], o.Count[2])
			i := 0
			for c := range o.Count[0] {
				for y := range o.Count[1] {
					for x := range o.Count[2] {
						out.x[i], _ = in[0].at(o.Start[0]+c*o.Step[0], o.Start[1]+y*o.Step[1], o.Start[2]+x*o.Step[2])
						i++
					}
				}
			}
			return out
		},
	}
}
