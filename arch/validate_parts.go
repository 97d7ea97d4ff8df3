package arch

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

func (a *Array) check(r *rules, engine Engine) {
	switch engine {
	case Systolic, Fusion, RowStationary, BitSerial, Pixels:
		r.count("array.rows", a.Rows, 1, maxArray)
		r.count("array.cols", a.Cols, 1, maxArray)
	}
	switch engine {
	case Systolic:
		r.oneOf("array.dataflow", a.Dataflow, "ws", "os", "is")
		r.count("array.drain_cycles", a.DrainCycles, 0, maxArray)
	case BitSerial:
		a.checkSerial(r)
	case RowStationary:
		r.positive("array.efficiency", a.Efficiency, 1)
	case Streaming:
		r.count("array.pe", a.PE, 1, maxArray)
		r.count("array.simd", a.SIMD, 1, maxArray)
		a.checkFolding(r)
	case SIMD:
		a.checkCores(r)
		a.checkRated(r)
	case NE16:
		a.checkCores(r)
	case Pixels:
		r.count("array.pixels", a.Pixels, 1, maxArray)
		r.count("array.cores", a.Cores, 1, maxArray)
		r.count("array.depthwise_pixels", a.DepthwisePixels, 1, maxArray)
	}
	a.checkShared(r, engine)
}

// checkShared checks the keys of several engines.
func (a *Array) checkShared(r *rules, engine Engine) {
	if belongs("systolic fusion rowstationary", engine) {
		r.count("array.native_weight_bits", a.NativeWeightBits, 1, 16)
		r.count("array.native_act_bits", a.NativeActBits, 1, 16)
	}
	if belongs("systolic bitserial fusion", engine) {
		r.oneOf("array.reduce_by", a.ReduceBy, "flat", "channel")
	}
	checkWidths(r, "array.weight_widths", a.WeightWidths)
	checkWidths(r, "array.act_widths", a.ActWidths)
	if a.Pack {
		checkPacking(r, "array.weight_widths", a.WeightWidths, a.NativeWeightBits)
		checkPacking(r, "array.act_widths", a.ActWidths, a.NativeActBits)
	}
	if belongs("systolic bitserial fusion", engine) {
		r.oneOf("array.sync", a.Sync, "tile", "lane", "group")
		r.count("array.group_size", a.GroupSize, 1, maxArray)
	}
	r.oneOf("array.order", a.Order, "sorted", "inorder", "lpt")
	r.count("array.reconfig_cycles", a.ReconfigCycles, 0, maxArray)
	r.count("array.fill_cycles", a.FillCycles, -1, maxArray)
	r.count("array.depthwise_lanes", a.DepthwiseLanes, 1, maxArray)
}

func (a *Array) checkSerial(r *rules) {
	r.count("array.dot", a.Dot, 1, maxArray)
	r.oneOf("array.serial", a.Serial, "both", "weights", "activations")
	r.count("array.serial_bits", a.SerialBits, 1, 16)
	r.count("array.serial_weight_bits", a.SerialWeightBits, 1, 16)
	r.count("array.parallel_bits", a.ParallelBits, 1, 32)
	r.within("array.one_bit_speedup", a.OneBitSpeedup, 1, 16)
	r.count("array.issue_cycles", a.IssueCycles, 0, maxArray)
	r.count("array.latency_cycles", a.LatencyCycles, 0, maxArray)
	r.count("array.stripe_cycles", a.StripeCycles, 0, maxArray)
}

func (a *Array) checkCores(r *rules) {
	r.count("array.cores", a.Cores, 1, maxArray)
	check(r, len(a.MACsPerCycle) > 0, "array.macs_per_cycle", len(a.MACsPerCycle), "needs at least one width")
	for _, width := range keysOf(a.MACsPerCycle) {
		key := "array.macs_per_cycle." + width
		b, err := strconv.Atoi(width)
		if err != nil || b < 1 || b > maxWidth || width != strconv.Itoa(b) {
			r.add(key, width, "the key must be a width of 1 to 16 bits")
		}
		r.positive(key, a.MACsPerCycle[width], maxRate)
	}
}

// checkFolding wants keys that name a shape, and whole numbers of products.
func (a *Array) checkFolding(r *rules) {
	for _, shape := range keysOf(a.Folding) {
		key := "array.folding." + shape
		if _, ok := foldingShape(shape); !ok {
			r.add(key, shape, `the key must be groups, channels of a group and reduction length: "64x1x9"`)
		}
		if n := a.Folding[shape]; !(n >= 1 && n <= maxArray && n == math.Trunc(n)) {
			r.add(key, n, fmt.Sprintf("must be a whole number of 1 to %d", maxArray))
		}
	}
}

// checkRated wants a rate of every weight width.
func (a *Array) checkRated(r *rules) {
	for _, b := range a.WeightWidths {
		if _, ok := a.MACsPerCycle[strconv.Itoa(b)]; !ok {
			r.add("array.weight_widths", b, fmt.Sprintf("array.macs_per_cycle has no width %d", b))
		}
	}
}

// maxWidth is the widest operand in bits.
const maxWidth = 16

func checkWidths(r *rules, key string, widths []int) {
	r.held.Between(key, 1, maxWidth)
	r.held.Note(key, "in ascending order")
	for i, b := range widths {
		if b < 1 || b > maxWidth || i > 0 && b <= widths[i-1] {
			r.add(key, widths, "want widths of 1 to 16 bits in ascending order")
			return
		}
	}
}

// checkPacking wants widths that fill the native one without rest.
func checkPacking(r *rules, key string, widths []int, native int) {
	for _, b := range widths {
		if b > 0 && native%b != 0 && b%native != 0 {
			r.add(key, widths, fmt.Sprintf("packing needs divisors or multiples of the native %d bits", native))
			return
		}
	}
}

func (b *Buffers) check(r *rules, a *Accelerator) {
	least := 1
	if a.Memory.Overlap == "tiles" || a.Memory.Overlap == "steady" {
		least = 64
	}
	if bytes := b.Weights.Bytes; b.Unified {
		r.held.Between("buffers.weights.bytes", 0, 0)
		check(r, bytes == 0, "buffers.weights.bytes", bytes, "must be 0 when buffers.unified = true: weights live among the inputs")
	} else {
		r.count("buffers.weights.bytes", bytes, least, maxBytes)
	}
	r.count("buffers.inputs.bytes", b.Inputs.Bytes, least, maxBytes)
	r.count("buffers.outputs.bytes", b.Outputs.Bytes, least, maxBytes)
	for _, one := range [...]struct {
		banks, word string
		buffer      *Buffer
	}{
		{"buffers.weights.banks", "buffers.weights.word_bits", &b.Weights},
		{"buffers.inputs.banks", "buffers.inputs.word_bits", &b.Inputs},
		{"buffers.outputs.banks", "buffers.outputs.word_bits", &b.Outputs},
	} {
		r.count(one.banks, one.buffer.Banks, 1, maxArray)
		r.count(one.word, one.buffer.Word, 1, maxArray)
	}
	if a.Engine == Systolic || a.Engine == Fusion {
		b.checkTile(r, &a.Array)
	}
}

// checkTile wants room for the smallest tile: one native weight for each PE of
// a column, one input for each row and one 32-bit sum for each column.
func (b *Buffers) checkTile(r *rules, array *Array) {
	need := func(key string, buffer Buffer, bits int) {
		usable := buffer.Bytes
		if buffer.Double {
			usable /= 2
		}
		if usable > 0 && usable < (bits+7)/8 && array.Rows <= maxArray && array.Cols <= maxArray {
			r.add("buffers."+key+".bytes", buffer.Bytes, fmt.Sprintf("too small for one tile of the %d×%d array: needs %d usable bytes",
				array.Rows, array.Cols, (bits+7)/8))
		}
	}
	need("weights", b.Weights, array.Rows*array.NativeWeightBits)
	need("inputs", b.Inputs, array.Rows*array.NativeActBits)
	need("outputs", b.Outputs, array.Cols*accumulatorBits)
}

func (m *Memory) check(r *rules) {
	r.oneOf("memory.kind", m.Kind, "ideal", "flat", "dram")
	r.oneOf("memory.ports", m.Ports, "shared", "split")
	r.oneOf("memory.overlap", m.Overlap, "tiles", "max", "steady", "fitted", "decoupled", "queues", "none")
	r.positive("memory.bits_per_cycle", m.BitsPerCycle, maxRate)
	r.positive("memory.weight_bits_per_cycle", m.WeightBitsPerCycle, maxRate)
	r.positive("memory.input_bits_per_cycle", m.InputBitsPerCycle, maxRate)
	r.positive("memory.output_bits_per_cycle", m.OutputBitsPerCycle, maxRate)
	r.count("memory.latency_cycles", m.LatencyCycles, 0, 1<<20)
	r.count("memory.tile_buffers", m.TileBuffers, 1, 64)
	r.count("memory.layer_cycles", m.LayerCycles, 0, 1<<30)
	r.count("memory.layer_bytes", m.LayerBytes, 0, 1<<30)
	r.within("memory.shared_bits_per_cycle", m.SharedBitsPerCycle, 0, maxRate)
	r.count("memory.word_bits", m.WordBits, 0, maxArray)
	r.oneOf("memory.act_round", m.ActRound, "none", "pow2", "native")
	r.oneOf("memory.out_bits", m.OutBits, "next", "act", "32")
	r.oneOf("memory.layout", m.Layout, "padded", "native", "rows", "planes")
	r.count("memory.align_bits", m.AlignBits, 1, 1<<20)
	r.count("memory.group_bits", m.GroupBits, 0, 1024)
	r.count("memory.group_size", m.GroupSize, 1, maxArray)
	r.count("memory.flash_bytes", m.FlashBytes, 0, maxBytes)
	check(r, m.FlashBytes == 0 || !m.External, "memory.flash_bytes", m.FlashBytes, "must be 0 where memory.external = true: weights lie in that memory")
	r.count("memory.behind_bytes", m.BehindBytes, 0, maxBytes)
	check(r, m.BehindBytes == 0 || m.External, "memory.behind_bytes", m.BehindBytes, "must be 0 where memory.external = false: nothing lies behind")
	m.checkDRAM(r)
}

func (m *Memory) checkDRAM(r *rules) {
	// A file is read where it is used; a name is looked up anyway.
	if !shipsDRAM(m.Preset) && (m.Kind == "dram" || !isPath(m.Preset)) {
		if _, err := LoadDRAM(m.Preset); err != nil {
			r.add("memory.preset", m.Preset, err.Error())
		}
	}
	check(r, isAddressOrder(m.Mapping), "memory.mapping", m.Mapping, "want ro, ba, bg and co in some order, most significant first")
	r.count("memory.window", m.Window, 1, 1024)
	r.count("memory.ctrl_cycles", m.CtrlCycles, 0, 1<<20)
	r.among("memory.channels", m.Channels, "must be a power of two from 1 to 64", 1, 2, 4, 8, 16, 32, 64)
}

// isAddressOrder reports whether a text has each part of a DRAM address once.
func isAddressOrder(text string) bool {
	var seen [4]bool
	n := 0
	for field := range strings.FieldsSeq(text) {
		i := slices.Index([]string{"ro", "ba", "bg", "co"}, field)
		if i < 0 || seen[i] {
			return false
		}
		seen[i] = true
		n++
	}
	return n == len(seen)
}

func (v *Vector) check(r *rules) {
	r.count("vector.lanes", v.Lanes, 0, maxArray)
	r.count("vector.chain_units", v.ChainUnits, 1, maxArray)
	r.count("vector.chain_cycles", v.ChainCycles, 1, maxArray)
}

func (e *Energy) check(r *rules) {
	m := &e.MAC
	r.oneOf("energy.mac.model", m.Model, "synth45", "fusion45", "horowitz", "serial", "gates", "lut", "const")
	r.within("energy.mac.pj_per_cycle", m.PJPerCycle, 0, maxRate)
	r.within("energy.mac.pj_per_mac", m.PJPerMAC, 0, maxRate)
	r.within("energy.mac.serial_factor", m.SerialFactor, 0, maxRate)
	r.within("energy.mac.serial_base_pj", m.SerialBasePJ, 0, maxRate)
	r.oneOf("energy.mac.serial_operand", m.SerialOperand, "both", "weights", "activations")
	r.count("energy.mac.dot_bits", m.DotBits, 1, maxArray)
	if r.held.Between("energy.mac.from_nm", 7, 130); m.FromNm != 0 && !(m.FromNm >= 7 && m.FromNm <= 130) {
		r.add("energy.mac.from_nm", m.FromNm, "must be 7 to 130, or 0 for the machine's own technology")
	}
	r.held.OrZero("energy.mac.from_nm")
	r.filled("energy.mac.source", m.Source)
	if m.Model == "const" && !(m.PJPerCycle > 0 || m.PJPerMAC > 0) {
		r.add("energy.mac.model", m.Model, "needs pj_per_cycle or pj_per_mac")
	}
	if m.Model == "serial" && !(m.SerialBasePJ > 0) {
		r.add("energy.mac.model", m.Model, "needs serial_base_pj")
	}
	r.constant("energy.idle_fraction", e.IdleFraction)
	r.atMost("energy.idle_fraction", e.IdleFraction.Value, 1)
	e.SRAM.check(r)
	r.constant("energy.register_pj_per_bit", e.Register)
	r.constant("energy.noc_pj_per_bit", e.NoC)
	r.constant("energy.noc_hops", e.Hops)
	r.constant("energy.dram_pj_per_bit", e.DRAM)
	r.oneOf("energy.dram_model", e.DRAMModel, "flat", "idd")
	r.constant("energy.vector_pj_per_op", e.Vector)
	r.constant("energy.logic_leakage_mw", e.LogicLeak)
	r.constant("energy.idle_mw", e.Idle)
}

func (s *SRAM) check(r *rules) {
	r.oneOf("energy.sram.model", s.Model, "explicit", "cacti", "table")
	r.oneOf("energy.sram.cell", s.Cell, "itrs-hp", "itrs-lop")
	r.filled("energy.sram.source", s.Source)
	for _, one := range [...]struct {
		key string
		of  *Constant
	}{
		{"energy.sram.weights.read_pj_per_bit", &s.Weights.Read},
		{"energy.sram.weights.write_pj_per_bit", &s.Weights.Write},
		{"energy.sram.inputs.read_pj_per_bit", &s.Inputs.Read},
		{"energy.sram.inputs.write_pj_per_bit", &s.Inputs.Write},
		{"energy.sram.outputs.read_pj_per_bit", &s.Outputs.Read},
		{"energy.sram.outputs.write_pj_per_bit", &s.Outputs.Write},
	} {
		switch {
		case *one.of != Constant{} || r.held != nil:
			r.constant(one.key, *one.of)
		case s.Model == "explicit":
			r.add("energy.sram.model", s.Model, "needs "+one.key)
		}
	}
	r.constant("energy.sram.leakage_mw", s.LeakMW)
}

func (a *Area) check(r *rules) {
	for _, one := range [...]struct {
		key string
		of  *Constant
	}{
		{"area.array_mm2", &a.Array},
		{"area.weights_mm2", &a.Weights},
		{"area.inputs_mm2", &a.Inputs},
		{"area.outputs_mm2", &a.Outputs},
		{"area.chip_mm2", &a.Chip},
		{"area.luts", &a.LUTs},
		{"area.bram36", &a.BRAMs},
	} {
		if *one.of != (Constant{}) || r.held != nil {
			r.constant(one.key, *one.of)
		}
	}
}
