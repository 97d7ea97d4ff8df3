// Package train fits the float weights of small convolutional networks on a
// CPU by stochastic gradient descent.
//
// A [Spec] describes the network: the operators of package kernels, with batch
// normalization kept apart from the layer before it, and with places where a
// quantizer plugs in (a [WeightTransform] per layer, an [Activation] with
// trained parameters). [New] compiles it to a [Model], [Fit] trains that on a
// [Data], and [Model.Export] folds the normalization and returns a
// kernels.Network.
//
// Results are a function of the specification, the data, the options and the
// seed. They do not depend on the number of workers: a batch is cut into a
// fixed number of chunks, sums over images are formed per chunk and then added
// in the order of the chunks. They may differ in the last bits between the
// instruction sets of kernels/gemm, which add products in different orders.
package train
