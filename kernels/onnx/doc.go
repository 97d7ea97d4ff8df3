// Package onnx reads ONNX models into kernels.Network and writes networks and
// quantized networks as ONNX.
//
// The reader walks the protobuf wire format itself. Before a model is translated,
// the dimensions of every tensor, and its value where it depends on no input, are
// worked out for any rank, so that shapes written as arithmetic, weights through
// casts and transpositions, and flattenings are constants. Batch normalization and
// constant scales fold into the layer before them; transpositions are followed
// rather than executed, so models written channels-last are read as well; other
// reshapes are kernels.Reorder.
//
// What package kernels does not execute becomes kernels.Opaque: the network then
// has a cost and no execution, and [Model] lists the obstacles, all at once. With
// [Options].Shapes weights are neither read nor needed. Branches and loops that the
// data chooses are refused.
package onnx
