// Package onnx reads ONNX models into kernels.Network and writes networks and
// quantized networks as ONNX.
//
// The reader walks the protobuf wire format itself. It takes float32 models of
// opset 7 to 21 whose weights are constants and whose operators are those of
// kernels.Network; batch normalization and constant scales fold into the layer
// before them, and transpositions are followed rather than executed, so models
// written channels-last are read as well.
package onnx
