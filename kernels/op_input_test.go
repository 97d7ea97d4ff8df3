package kernels

func init() { opCases["input"] = opCase{op: Input{}} } // networks begin with it
