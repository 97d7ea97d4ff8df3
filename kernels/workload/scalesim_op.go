package workload

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// row is a layer of a topology: its numbers by field, 0 where it has none.
type row struct {
	values    [fields]int
	depthwise bool
}

// op turns the fields of a line into an op.
func (c *columns) op(record []string) (Op, error) {
	r, err := c.row(record)
	if err != nil {
		return Op{}, err
	}
	v := &r.values
	op := Op{Name: record[0], Groups: 1, Batch: max(v[batchSize], 1), WeightBits: Widths{8}, ActBits: 8, From: []int{-1}}
	if c.product {
		op.Kind, op.N, op.M, op.K = MatMul, v[productM], v[productN], v[productK]
		return op, nil
	}
	if v[channelCount] == 1 && v[filterHeight] == 1 && v[filterWidth] == v[ifmapWidth] && v[strideHeight] == 1 && !r.depthwise {
		op.Kind, op.N, op.M, op.K = MatMul, v[ifmapHeight], v[filterCount], v[ifmapWidth]
		return op, nil
	}
	return op, r.window(&op)
}

// row reads the fields of a line.
func (c *columns) row(record []string) (row, error) {
	r := row{depthwise: strings.Contains(record[0], "DP")}
	for i := 1; i < len(record); i++ {
		text := record[i]
		f := c.at(i, text)
		switch f {
		case note:
			r.depthwise = r.depthwise || strings.EqualFold(text, "#dw")
			continue
		case sparsity:
			if err := dense(text); err != nil {
				return row{}, fmt.Errorf("%s = %q: %w", c.head(i), text, err)
			}
			continue
		}
		v, err := strconv.Atoi(text)
		if text == "" {
			continue // complete says which are missing
		}
		if err != nil || v < 1 || v > limit {
			return row{}, fmt.Errorf("%s = %q: must be 1 to %d", c.head(i), text, limit)
		}
		r.values[f] = v
	}
	if r.values[strideWidth] == 0 {
		r.values[strideWidth] = r.values[strideHeight]
	}
	return r, c.complete(&r)
}

// complete reports a number that a line lacks.
func (c *columns) complete(r *row) error {
	needed := convColumns
	if c.product {
		needed = productColumns
	}
	for i, f := range c.holds {
		if slices.Contains(needed, f) && r.values[f] == 0 {
			return fmt.Errorf("%s is missing: want %d numbers", c.head(i), len(needed))
		}
	}
	return nil
}

// dense wants weights of which N of every M are kept to keep them all.
func dense(text string) error {
	kept, of, found := strings.Cut(text, ":")
	n, err := strconv.Atoi(strings.TrimSpace(kept))
	m, err2 := strconv.Atoi(strings.TrimSpace(of))
	switch {
	case !found || err != nil || err2 != nil || n < 1 || m < n:
		return fmt.Errorf("must be N:M with N of M weights kept, 1:1 where all are")
	case n != m:
		return fmt.Errorf("sparse weights are not modelled: must be 1:1")
	}
	return nil
}

// window fills the geometry of a convolution.
func (r *row) window(op *Op) error {
	v := &r.values
	op.Kind = Conv
	op.In = [3]int{v[channelCount], v[ifmapHeight], v[ifmapWidth]}
	op.Kernel, op.Stride, op.Dilation = [2]int{v[filterHeight], v[filterWidth]}, [2]int{v[strideHeight], v[strideWidth]}, [2]int{1, 1}
	for i := range 2 {
		if op.Kernel[i] > op.In[i+1] {
			return fmt.Errorf("filter %d×%d: must not be larger than the ifmap, %d×%d", op.Kernel[0], op.Kernel[1], op.In[1], op.In[2])
		}
		op.Out[i] = (op.In[i+1]-op.Kernel[i]+op.Stride[i]-1)/op.Stride[i] + 1
	}
	op.M, op.K, op.N = v[filterCount], v[channelCount]*v[filterHeight]*v[filterWidth], op.Out[0]*op.Out[1]
	if r.depthwise {
		op.Kind, op.Groups, op.K = Depthwise, v[channelCount], v[filterHeight]*v[filterWidth]
	}
	return nil
}
