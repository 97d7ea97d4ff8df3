package workload

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"bitcycle/internal/strict"
)

// Write writes a workload in full, every default filled in. Reading it back
// gives the same workload.
func Write(w io.Writer, workload *Workload) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "name = %s\n", strict.Quote(workload.Name))
	for i := range workload.Ops {
		op := &workload.Ops[i]
		fmt.Fprintf(out, "\n[[op]]\nname = %s\nkind = %q\n", strict.Quote(op.Name), kindName(op.Kind))
		writeGeometry(out, op)
		if op.Kind <= MatMul {
			fmt.Fprintf(out, "weight_bits = %s\n", op.WeightBits)
			if op.Points != nil {
				fmt.Fprintf(out, "points = [%s]\n", join(op.Points))
			}
		}
		fmt.Fprintf(out, "act_bits = %d\nact_signed = %t\nout_bits = %d\nbatch = %d\nvector_ops = %d\n",
			op.ActBits, op.ActSigned, op.OutBits, op.Batch, op.VectorOps)
		if op.From != nil {
			fmt.Fprintf(out, "from = [%s]\n", producers(workload, op.From))
		}
	}
	return out.Flush()
}

func writeGeometry(out io.Writer, op *Op) {
	switch op.Kind {
	case Conv, Depthwise:
		fmt.Fprintf(out, "in = [%d, %d, %d]\nkernel = [%d, %d]\nstride = [%d, %d]\npad = [%s]\ndilation = [%d, %d]\n",
			op.In[0], op.In[1], op.In[2], op.Kernel[0], op.Kernel[1], op.Stride[0], op.Stride[1], join(op.Pad[:]), op.Dilation[0], op.Dilation[1])
		if op.Kind == Conv {
			fmt.Fprintf(out, "groups = %d\n", op.Groups)
		}
		fmt.Fprintf(out, "out_channels = %d\nout = [%d, %d]\n", op.Channels(), op.Out[0], op.Out[1])
	case MatMul:
		fmt.Fprintf(out, "m = %d\nk = %d\nn = %d\ngroups = %d\ndynamic = %t\n", op.M, op.K, op.N, op.Groups, op.Dynamic)
	case Chain:
		r := op.Recursion
		fmt.Fprintf(out, "length = %d\nrows = %d\nblock = %d\norder = %d\nstate_bits = %d\n", r.Length, r.Rows, r.Block, r.Order, r.StateBits)
	case Vector:
		fmt.Fprintf(out, "elements_in = %d\nelements_out = %d\n", op.ElementsIn, op.ElementsOut)
	}
}

func kindName(kind Kind) string {
	for name, k := range kinds {
		if k == kind {
			return name
		}
	}
	panic(fmt.Sprintf("workload: kind %d", kind))
}

func producers(w *Workload, from []int) string {
	words := make([]string, len(from))
	for i, producer := range from {
		if producer < 0 {
			words[i] = `""`
		} else {
			words[i] = strict.Quote(w.Ops[producer].Name)
		}
	}
	return strings.Join(slices.Clip(words), ", ")
}
