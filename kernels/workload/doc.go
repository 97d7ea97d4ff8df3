// Package workload is what a machine must do: shapes and bit widths of an ordered
// list of operations, without data. Networks are lowered to a [Workload], and the
// cost model charges it.
//
// [Load] reads files, by their extension: topologies of SCALE-Sim (.csv, see
// [ReadSCALESim]) and TOML, which [Write] writes with every default filled in:
//
//	name = "example"
//
//	[[op]]
//	name = "conv2"
//	kind = "conv"              # conv | depthwise | matmul | chain | vector
//	in = [64, 56, 56]          # channels, height, width
//	kernel = [3, 3]
//	stride = 1                 # or [vertical, horizontal]
//	pad = 1                    # or [top, left, bottom, right]
//	dilation = 1               # or [vertical, horizontal]
//	groups = 1
//	out_channels = 64
//	weight_bits = 4            # or one width per output channel (per point with points); 0 = pruned
//	act_bits = 8
//	act_signed = false
//	out_bits = 8               # 0 leaves the width to the machine
//	batch = 1
//	points = [1, 2, 1, …]      # low-bit vectors per output channel (multipoint)
//	vector_ops = 1             # element operations on each output element
//	from = ["conv1"]           # ops that it reads; "" is the input; default: the op before
//
//	[[op]]
//	name = "fc"
//	kind = "matmul"
//	m = 10                     # output channels
//	k = 64                     # reduction length
//	n = 1                      # output positions
//	groups = 1                 # products side by side, of m channels each
//	dynamic = false            # true: the m×k operand is activations too (attention)
//	weight_bits = 8
//	act_bits = 8
//
//	[[op]]
//	name = "shaping"
//	kind = "chain"
//	length = 1024              # serial steps
//	rows = 16                  # independent recursions
//	block = 128                # the state is reset every block steps; 0 = never
//	order = 1
//	state_bits = 16
//	act_bits = 8
//	out_bits = 1
//
//	[[op]]
//	name = "add"
//	kind = "vector"
//	elements_in = 8192         # elements read and written per image
//	elements_out = 4096
//	vector_ops = 4096          # element operations per image
//	act_bits = 8
package workload
