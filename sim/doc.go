// Package sim is the cycle-level machine: it charges a workload.Workload to an
// arch.Accelerator and returns cycles by cause, bytes moved and energy by
// component for every operation.
//
// [Run] does it once; an [Evaluator] keeps the cost of every operation and
// recomputes only what a change of widths or of the machine touches, which is what
// searches and sweeps need.
// [RunFrontEnd] runs the job of a one-bit front end.
//
// Values flow one way, each step a package below sim/internal:
//
//   - layer: the geometry of an operation, and its widths;
//   - schedule: its channels in the order in which they meet the array, synchronised in
//     sets, in groups or not at all, as stored, sorted, or longest first;
//   - engine: the array's time for a block of work in closed form, split into computing,
//     filling, waiting for the widest channel, loading weights and draining outputs; a
//     file each for systolic arrays, bit-serial dot products (BISMO, Loom, Stripes,
//     UNPU), fusion arrays (Bit Fusion), row-stationary arrays (Eyeriss), streaming
//     units (FINN) and SIMD cores;
//   - chip, tiling: what is around the array, and the cut of a layer to the scratchpads;
//   - memory: the cost of a layer when data must come and go; a file each for ideal
//     memory, a pipeline of tiles on flat memory or DRAM, the slowest of the array and
//     the ports, and two that imitate the software of a peer;
//   - energy: what that costs in pJ.
//
// See docs/machine-model.md, section 8 for the memory systems and 4 for the engines.
// Package stepped is the slow twin of the engines; `bitcycle validate` compares all of
// this with published numbers.
package sim
