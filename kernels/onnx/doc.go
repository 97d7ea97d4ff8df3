// Package onnx reads ONNX models into kernels.Network and writes networks and
// quantized networks as ONNX.
//
// The reader walks the protobuf wire format itself. Before a model is translated,
// the dimensions of every tensor, and its value where it depends on no input, are
// worked out for any rank, so that shapes written as arithmetic, weights through
// casts and transpositions, and flattenings are constants. Batch normalization and
// constant scales fold into the layer before them; transpositions are followed
// rather than executed, so models written channels-last are read as well; other
// reshapes are kernels.Reorder. Operators of ONNX that are others in disguise become
// those: a transposed convolution is a 1×1 convolution and the sum of its windows,
// and a normalization written as arithmetic is one operator.
//
// What package kernels does not execute becomes kernels.Opaque: the network then
// has a cost and no execution, and [Model] lists the obstacles, all at once. With
// [Options].Shapes weights are neither read nor needed. Branches whose condition is a
// constant are taken; those and loops that the data chooses are refused.
//
// A quantized model becomes a kernels.Quantized: DequantizeLinear, QuantizeLinear and
// the operators of onnxruntime on codes (QLinearConv and the like, which are written
// out as what they stand for), QONNX and FINN (Pappalardo et al., AccML 2022), and
// Deeploy's RequantShift. Every quantizer is first a node of its own; then grids are
// found for all tensors (settle.go), and what is only a change of notation is left
// out. Codes of QONNX, FINN and Deeploy are those of their definitions; onnxruntime
// computes in float32, and may take the other of two codes that are equally near. A
// model whose layers read what is on no grid, or whose scales depend on the data of a
// run, is a float network with its quantizers in it ([Model].Widths).
package onnx
