package workload

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
)

// ReadSCALESim reads a SCALE-Sim topology: a header line, then one layer a
// line, either a convolution
//
//	name, ifmap height, ifmap width, filter height, filter width, channels, filters, stride[, stride width]
//
// or, when the header names M, N and K, a matrix product "name, M, N, K" of an
// M×K by a K×N matrix. As in SCALE-Sim there is no padding, a last partial
// window counts as an output, and a word is 8 bits. path is what errors call it.
func ReadSCALESim(path string, r io.Reader) (*Workload, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.TrimLeadingSpace = true
	header, err := in.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: want a header line and one layer a line: %w", path, err)
	}
	product := isProduct(header)
	w := &Workload{Name: strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		line, _ := in.FieldPos(0)
		for len(record) > 1 && strings.TrimSpace(record[len(record)-1]) == "" {
			record = record[:len(record)-1]
		}
		if len(record) == 1 && strings.TrimSpace(record[0]) == "" {
			continue
		}
		op, err := scalesimOp(record, product)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, line, err)
		}
		w.Ops = append(w.Ops, op)
	}
	if len(w.Ops) == 0 {
		return nil, fmt.Errorf("%s: holds no layer", path)
	}
	return w, nil
}

func isProduct(header []string) bool {
	return len(header) >= 4 && strings.EqualFold(strings.TrimSpace(header[1]), "M") &&
		strings.EqualFold(strings.TrimSpace(header[2]), "N") && strings.EqualFold(strings.TrimSpace(header[3]), "K")
}

func scalesimOp(record []string, product bool) (Op, error) {
	name := strings.TrimSpace(record[0])
	values := make([]int, len(record)-1)
	for i, text := range record[1:] {
		v, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || v < 1 || v > limit {
			return Op{}, fmt.Errorf("layer %q, column %d = %q: must be 1 to %d", name, i+2, text, limit)
		}
		values[i] = v
	}
	op := Op{Name: name, Groups: 1, Batch: 1, WeightBits: []uint8{8}, ActBits: 8, From: []int{-1}}
	if product {
		if len(values) < 3 {
			return Op{}, fmt.Errorf("layer %q: want M, N, K", name)
		}
		op.Kind, op.N, op.M, op.K = MatMul, values[0], values[1], values[2]
		return op, nil
	}
	if len(values) < 7 {
		return Op{}, fmt.Errorf("layer %q: want ifmap height, width, filter height, width, channels, filters, stride", name)
	}
	stride := [2]int{values[6], values[6]}
	if len(values) > 7 {
		stride[1] = values[7]
	}
	op.Kind = Conv
	op.In = [3]int{values[4], values[0], values[1]}
	op.Kernel, op.Stride, op.Dilation = [2]int{values[2], values[3]}, stride, [2]int{1, 1}
	for i := range 2 {
		if op.Kernel[i] > op.In[i+1] {
			return Op{}, fmt.Errorf("layer %q: the filter is larger than the ifmap", name)
		}
		op.Out[i] = (op.In[i+1]-op.Kernel[i]+stride[i]-1)/stride[i] + 1
	}
	op.M, op.K, op.N = values[5], values[4]*values[2]*values[3], op.Out[0]*op.Out[1]
	return op, nil
}
