// Package methodtest is the contract of quantization methods as a test that each of
// them has to pass, those of other modules too:
//
//	func TestContract(t *testing.T) {
//		methodtest.Suite{Spec: "mine:w=4", Parse: parse, Network: net, Calib: images}.Run(t)
//	}
//
// The contract: a method's name reads as that method. It gives the same network by any
// number of workers and processors, and leaves the float network as it was. Its progress
// never falls back. It leaves soon when its context ends. The workload of its network
// charges for the integers that are executed. It refuses arguments that it does not
// know, all of them in one error that says what is allowed. No arguments make it panic.
package methodtest
