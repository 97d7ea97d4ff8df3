// Package sim is the cycle-level machine: it charges a kernels.Workload to an
// arch.Accelerator and returns cycles by cause, bytes moved and energy by
// component for every operation.
package sim
