package onnx

import (
	"slices"
	"sync"

	"bitcycle/kernels"
)

// row is an operator of ONNX: how it is read, and which operator of package
// kernels is written as it.
type row struct {
	name  string // in ONNX
	since int64  // operator set that a model with it must have
	read  func(*importer, *node) (value, error)
	op    kernels.Operator // nil: it is only read
	write func(x *exporter, i int)
}

// newTable lists the operators. One that works on each value, or each image, alone
// and has numbers for attributes needs no more than a row.
func newTable() []row {
	return slices.Concat(scalars(), []row{
		{name: "Add", read: importAdd, op: kernels.Add{}, write: writeAdd},
		{name: "ArgMax", read: importArg},
		{name: "ArgMin", read: importArg},
		{name: "AveragePool", read: importAveragePool, op: kernels.AvgPool{}, write: writeAveragePool},
		{name: "BatchNormalization", read: importBatchNorm, op: kernels.Scale{}, write: writeBatchNorm},
		{name: "Cast", read: importCast},
		{name: "Clip", read: importClip, op: kernels.Clip{}, write: writeClip},
		{name: "Concat", read: importConcat, op: kernels.Concat{}, write: writeConcat},
		{name: "Constant", read: importConstant},
		{name: "Conv", read: importConv, op: kernels.Conv{}, write: writeConv},
		{name: "ConvTranspose", since: 11, read: importConvTranspose, op: kernels.Fold{}, write: writeFold},
		{name: "DepthToSpace", read: importDepthToSpace},
		{name: "Div", read: importDiv, op: kernels.Arithmetic{Function: "div"}, write: writeArithmetic("Div")},
		{name: "Dropout", read: importIdentity},
		{name: "Expand", read: importExpand},
		{name: "Flatten", read: importFlatten, op: kernels.Flatten{}, write: writeFlatten},
		{name: "GRU", read: importRecurrent},
		{name: "Gather", read: importGather, op: kernels.Pick{}, write: writePick},
		{name: "Gemm", read: importGemm, op: kernels.Dense{}, write: writeGemm},
		perImage("GlobalAveragePool", 1, kernels.GlobalPool{}, nil),
		{name: "Identity", read: importIdentity, op: kernels.Requant{}, write: writeIdentity},
		{name: "GroupNormalization", read: importGroupNorm},
		{name: "InstanceNormalization", read: importInstanceNorm, op: kernels.Norm{}, write: writeNorm},
		{name: "LSTM", read: importRecurrent},
		{name: "LayerNormalization", read: importLayerNorm},
		{name: "LogSoftmax", read: importSoftmax, op: kernels.Softmax{Log: true}, write: writeSoftmax},
		perImage("LRN", 1, kernels.LRN{Alpha: 1e-4, Beta: 0.75, Offset: 1}, func(o *kernels.LRN) fields {
			return fields{"size": &o.Size, "alpha": &o.Alpha, "beta": &o.Beta, "bias": &o.Offset}
		}),
		{name: "MatMul", read: importMatMul, op: kernels.MatMul{}, write: writeMatMul},
		{name: "GlobalMaxPool", read: importGlobalMaxPool},
		{name: "Max", read: importMax, op: kernels.Arithmetic{Function: "max"}, write: writeArithmetic("Max")},
		{name: "MaxPool", read: importMaxPool, op: kernels.MaxPool{}, write: writeMaxPool},
		{name: "Mean", read: importMean},
		{name: "Min", read: importMin, op: kernels.Arithmetic{Function: "min"}, write: writeArithmetic("Min")},
		{name: "Mul", read: importMul, op: kernels.Arithmetic{Function: "mul"}, write: writeArithmetic("Mul")},
		{name: "PRelu", since: 7, read: importPRelu, op: kernels.PRelu{}, write: writePRelu},
		{name: "Pad", read: importPad, op: kernels.Pad{}, write: writePad},
		{name: "RMSNorm", read: importLayerNorm},
		{name: "RNN", read: importRecurrent},
		{name: "RMSNormalization", read: importLayerNorm},
		{name: "ReduceL1", read: importReduce},
		{name: "ReduceL2", read: importReduce},
		{name: "ReduceLogSum", read: importReduce},
		{name: "ReduceMax", read: importReduce, op: kernels.Reduce{Function: "max"}, write: writeReduce("ReduceMax")},
		{name: "ReduceMean", read: importReduce, op: kernels.Reduce{Function: "mean"}, write: writeReduce("ReduceMean")},
		{name: "ReduceMin", read: importReduce, op: kernels.Reduce{Function: "min"}, write: writeReduce("ReduceMin")},
		{name: "ReduceSum", read: importReduce, op: kernels.Reduce{Function: "sum"}, write: writeReduce("ReduceSum")},
		{name: "ReduceSumSquare", read: importReduce},
		perValue("Relu", 1, kernels.Relu{}, nil),
		{name: "Reshape", read: importReshape},
		{name: "Resize", read: importResize, op: kernels.Resize{}, write: writeResize},
		{op: kernels.Resize{Round: "down"}, write: writeResize},
		{op: kernels.ResizeCubic{}, write: writeResizeCubic},
		{name: "SimplifiedLayerNormalization", read: importLayerNorm},
		{name: "SkipLayerNormalization", read: importLayerNorm},
		{name: "SkipSimplifiedLayerNormalization", read: importLayerNorm},
		{name: "Slice", read: importSlice, op: kernels.Slice{}, write: writeSlice},
		{name: "Softmax", read: importSoftmax, op: kernels.Softmax{}, write: writeSoftmax},
		{name: "SpaceToDepth", read: importSpaceToDepth},
		{name: "Split", read: importSplit},
		{name: "Squeeze", read: importRank},
		{name: "Sub", read: importSub, op: kernels.Arithmetic{Function: "sub"}, write: writeArithmetic("Sub")},
		{name: "Sum", read: importSum},
		{name: "Tile", read: importTile},
		{name: "TopK", read: importTopK, op: kernels.TopK{}, write: writeTopK},
		{op: kernels.TopK{Index: true}, write: writeTopK},
		{name: "Transpose", read: importTranspose},
		{name: "Unsqueeze", read: importRank},
		{name: "Upsample", read: importResize},
		{name: "Where", read: importWhere},
		{op: kernels.Constant{}, write: writeConstant},
		{op: kernels.Embedding{}, write: writeEmbedding},
		{op: kernels.Quantize{}, write: writeQuantize},
		{op: kernels.QuantizeDynamic{Part: kernels.DynamicCodes}, write: writeQuantizeDynamic},
		{op: kernels.QuantizeDynamic{Part: kernels.DynamicScale}, write: writeQuantizeDynamic},
		{op: kernels.QuantizeDynamic{Part: kernels.DynamicZero}, write: writeQuantizeDynamic},
		{op: kernels.QuantizeFloat{}, write: writeQuantizeFloat},
		{op: kernels.Reorder{}, write: writeReorder},
		{op: kernels.Input{}, write: writeInput},
		{op: kernels.Threshold{}, write: writeThreshold},
		{op: kernels.WholeDiv{}, write: writeWholeDiv},
		{op: kernels.WholeNorm{}, write: writeWholeNorm},
		{op: kernels.WholeSoftmax{}, write: writeWholeSoftmax},
		{name: "FusedConv", read: importFusedConv},
	})
}

// table is made when it is first wanted: programs that read no model do without.
var table struct {
	once             sync.Once
	rows             []row
	readers, writers map[string]*row
}

func makeTable() {
	table.rows, table.readers, table.writers = newTable(), map[string]*row{}, map[string]*row{}
	for i := range table.rows {
		r := &table.rows[i]
		if r.read != nil {
			table.readers[r.name] = r
		}
		if r.op != nil {
			table.writers[r.op.Name()] = r
		}
	}
}

// reader returns the row of an operator by its name in ONNX, nil if there is none.
func reader(name string) *row {
	table.once.Do(makeTable)
	return table.readers[name]
}

// writer returns the row of an operator by its name in package kernels, nil if there is
// none.
func writer(name string) *row {
	table.once.Do(makeTable)
	return table.writers[name]
}

// fields are the attributes of an operator by their names in ONNX: pointers to
// int or float32.
type fields map[string]any

// perValue is an operator on each value alone, whatever the axes are. defaults
// holds what ONNX takes for attributes that a model leaves out.
func perValue[T kernels.Operator](name string, since int64, defaults T, attributes func(*T) fields) row {
	r := perImage(name, since, defaults, attributes)
	r.read = func(im *importer, n *node) (value, error) {
		v, err := im.data(n, 0)
		if err != nil {
			return v, err
		}
		return im.then(n, v, readFields(n, defaults, attributes))
	}
	r.write = func(x *exporter, i int) {
		rank := x.rank(i)
		x.out(i, rank, name, writeFields(x.net.Nodes[i].Op.(T), attributes), x.input(i, 0, rank))
	}
	return r
}

// perImage is an operator on images, channels, height and width.
func perImage[T kernels.Operator](name string, since int64, defaults T, attributes func(*T) fields) row {
	read := func(im *importer, n *node) (value, error) {
		v, err := im.image(n)
		if err != nil {
			return v, err
		}
		return im.then(n, v, readFields(n, defaults, attributes))
	}
	write := func(x *exporter, i int) {
		x.out(i, 4, name, writeFields(x.net.Nodes[i].Op.(T), attributes), x.input(i, 0, 4))
	}
	return row{name, since, read, defaults, write}
}

// readFields returns the operator with the attributes of a node.
func readFields[T kernels.Operator](n *node, op T, attributes func(*T) fields) T {
	if attributes == nil {
		return op
	}
	for name, field := range attributes(&op) {
		a, ok := n.attrs[name]
		if !ok {
			continue
		}
		switch field := field.(type) {
		case *int:
			*field = int(a.i)
		case *float32:
			*field = a.f
		}
	}
	return op
}

// writeFields returns the attributes of an operator.
func writeFields[T kernels.Operator](op T, attributes func(*T) fields) map[string]attribute {
	if attributes == nil {
		return nil
	}
	attrs := map[string]attribute{}
	for name, field := range attributes(&op) {
		switch field := field.(type) {
		case *int:
			attrs[name] = intAttr(int64(*field))
		case *float32:
			attrs[name] = floatAttr(*field)
		}
	}
	return attrs
}
