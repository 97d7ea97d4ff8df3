// Package evaluate joins cost and error: it quantizes a network, executes it in
// integers beside its float original, charges the same integers' workload to a
// machine, and returns both as one outcome.
//
//	machine, err := arch.Load("haq-bismo-cloud", nil)
//	network := shipped.File()
//	method, err := evaluate.ParseMethod("uniform:w=4,a=4", evaluate.MethodContext{Network: network, Machine: machine, Seed: 1})
//	out, err := evaluate.Run(ctx, evaluate.Job{Machine: machine, Network: network, Method: method, Calib: calib, Data: images})
//	fmt.Println(out.Cost.Totals.Cycles, out.Accuracy.Top1)
//
// It is the front door for programs. Machines come from package arch, networks from
// kernels/netfile, kernels/onnx or kernels/shipped, images from kernels/dataset. Parts
// may be used alone: [Quantize] returns the quantized network, whose Lower method gives
// the workload that sim.Run charges to a machine, and [Measure] finds its error. A
// hand-made workload needs sim alone. [Comparison] sets methods and machines side by side
// on one footing.
//
// [ParseMethod] reads a method as the command line spells it after -q, [Methods] lists
// what there is. Any other implementation of quantizers.Method will do as well; package
// quantizers/methodtest tests one.
//
// [FrontEnd] does the same for radio front ends with one-bit converters: the error rate
// of a precoder or detector from package mimo beside its latency and power.
package evaluate
