// Package autoq decides the bit widths of a network for a machine: of every
// weight channel, and of the input of every layer.
//
// It holds the hierarchical agents of AutoQ (Lou, Guo, Kim, Liu and Jiang,
// "AutoQ: Automated Kernel-Wise Neural Network Quantization", ICLR 2020), the
// layer-wise agent that they are measured against (HAQ; Wang, Liu, Lin, Lin and
// Han, CVPR 2019), allocators from measured sensitivities (Lagrangian, greedy,
// and with Hessian traces after HAWQ-V3; Yao et al., ICML 2021), and an allocator
// of our own that knows the array: see [Problem.Aware].
//
// A search sees the machine through [Cost] and the network through
// [Problem.Accuracy], so any model of either will do. [Method] searches for a
// [Machine] and quantizes the network with the widths found; accuracy is measured
// by executing the quantized network in integers on the calibration images. The
// same seed gives the same result.
package autoq
