package arch

// Software is a library of kernels on a processor core: what its inner loops take in
// instructions, and what the core takes for an instruction. See section 4.10 of
// machine-model.md.
type Software struct {
	Library string `toml:"library"` // name and version: another library is another machine
	// CyclesPerInstruction of the core and the memory that it runs from: issue width, load
	// latency, branches and the wait states of flash that its caches leave.
	CyclesPerInstruction Constant `toml:"cycles_per_instruction"`
	Matrix               Constant `toml:"matrix_instructions"`    // a multiply-accumulate of a convolution, or of a product of several positions
	Dense                Constant `toml:"dense_instructions"`     // a multiply-accumulate of a product of one position, whose weights are used once
	Depthwise            Constant `toml:"depthwise_instructions"` // a multiply-accumulate of a depthwise convolution
	Gather               Constant `toml:"gather_instructions"`    // an element that is copied into the columns of a convolution (im2col)
	Output               Constant `toml:"output_instructions"`    // an output: requantization, activation, store
	Layer                Constant `toml:"layer_instructions"`     // a call of a kernel
	// FlashBytesPerCycle bounds how fast weights come from flash, each once a layer; 0: no bound.
	FlashBytesPerCycle float64 `toml:"flash_bytes_per_cycle"`
}

// defaultSoftware is the int8 kernels of CMSIS-NN by their loops.
func defaultSoftware() Software {
	read := func(value float64) Constant {
		return Constant{value, "default: ARM-software/CMSIS-NN@99f736a, instructions counted in the int8 kernels, unconfirmed"}
	}
	return Software{
		Library:              "CMSIS-NN",
		CyclesPerInstruction: Constant{1, "default: one instruction a cycle"},
		Matrix:               read(1.6), Dense: read(2), Depthwise: read(3.5), Gather: read(2), Output: read(13), Layer: read(1000),
	}
}

func (s *Software) check(r *rules) {
	r.filled("software.library", s.Library)
	for _, one := range [...]struct {
		key string
		of  Constant
	}{
		{"software.cycles_per_instruction", s.CyclesPerInstruction},
		{"software.matrix_instructions", s.Matrix},
		{"software.dense_instructions", s.Dense},
		{"software.depthwise_instructions", s.Depthwise},
		{"software.gather_instructions", s.Gather},
		{"software.output_instructions", s.Output},
		{"software.layer_instructions", s.Layer},
	} {
		r.constant(one.key, one.of)
		r.atMost(one.key, one.of.Value, 1e6)
	}
	for _, one := range [...]struct {
		key   string
		value float64
	}{
		{"software.cycles_per_instruction", s.CyclesPerInstruction.Value},
		{"software.matrix_instructions", s.Matrix.Value},
		{"software.dense_instructions", s.Dense.Value},
		{"software.depthwise_instructions", s.Depthwise.Value},
	} {
		check(r, one.value >= 0.001, one.key, one.value, "must be at least 0.001")
	}
	r.within("software.flash_bytes_per_cycle", s.FlashBytesPerCycle, 0, maxRate)
}
