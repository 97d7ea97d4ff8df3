// Package dram is a compact closed-loop model of one DRAM channel: open page,
// one rank, bank groups, refresh, and a controller that prepares rows ahead of
// the bursts it sends in order. It charges every burst in constant time and
// allocates nothing, and follows the command timings of JEDEC DDR3, DDR4 and
// LPDDR4 as DRAMsim3 does (Li, Yang, Reddy, Srivastava and Jacob, "DRAMsim3: A
// Cycle-Accurate, Thermal-Capable DRAM Simulator", IEEE CAL 2020).
//
// All times are DRAM clocks. For burst i in program order, that arrives at A:
//
//	begin = max(A + ctrl, column(i − window) + 1)
//	open row:      column = E(begin)
//	closed bank:   act = max(begin, ready, tRRD_L, tRRD_S, tFAW, tRC);  column = E(act + tRCD)
//	other row:     pre = max(begin, act' + tRAS, read' + tRTP, write' + CWL + BL/2 + tWR)
//	               act = pre + tRP and as above
//	E(t) = max(t, last column + tCCD_S, last column of the bank group + tCCD_L,
//	           a read: last write + CWL + BL/2 + tWTR_S, of the group tWTR_L,
//	           a write: last read + CL + BL/2 − CWL + 1)
//	data end = column + (CL or CWL) + BL/2
//
// A column at or after the next multiple of tREFI waits for a refresh: all
// open banks precharge as soon as they may, then tRP and tRFC.
//
// What it leaves out: command bus conflicts, queue sizes other than the window,
// several ranks, and any choice among rows: bursts to random addresses take
// about twice the clocks that a controller needs which picks ready banks first.
// With [Options].Reorder bursts of different bank groups overtake each other,
// which matters when the address order keeps a stream inside one bank group.
//
// See docs/machine-model.md, section 9.
package dram
