// Package sim is the cycle-level machine: it charges a workload.Workload to an
// arch.Accelerator and returns cycles by cause, bytes moved and energy by
// component for every operation.
//
// [Run] does it once; an [Evaluator] keeps the cost of every operation and
// recomputes only what a change of widths touches, which is what a search needs.
//
// The time of an operation has three layers:
//
//   - An engine gives the array's time for a block of work in closed form, split
//     into computing, filling, waiting for the widest kernel, loading weights and
//     draining outputs. There is one file for each engine: systolic arrays (weight,
//     output and input stationary), bit-serial dot products (BISMO, Loom, Stripes,
//     UNPU), fusion arrays (Bit Fusion), row-stationary arrays (Eyeriss), streaming
//     units (FINN) and SIMD cores. Kernels of different widths share the array by the
//     schedule in which they meet it: synchronised in sets, in groups or not at all,
//     in the order of the channels, sorted, or longest first.
//   - A tiling cuts the operation to the scratchpads. A bounded search estimates
//     tilings and loop orders and runs the best through the next layer.
//   - The tile pipeline moves what tiles load and store through double-buffered
//     scratchpads on ports of a fixed rate or on closed-loop DRAM, and charges every
//     cycle in which the array waits to one cause. See [Pipeline].
//
// Machines may overlap transfers more simply: the slowest of the array and the ports
// (HAQ's latency table), or everything but the first load and the last store (Bit
// Fusion's simulator). Package stepped is the slow twin of the engines, package
// validate compares all of this with published numbers.
package sim
