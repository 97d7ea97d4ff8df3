// Package sweep asks one question many times: which machine, which bits, which array?
//
// A [Spec] says what is the same in every point and which axes vary; [Load] reads one
// from TOML, see docs/sweeps.md. [Spec.Plan] finds the machines, workloads and networks
// that it names and numbers its points, and [Run] evaluates them into a folder of
// package store, which knows what is done:
//
//	spec, err := sweep.Load("arrays", "")
//	plan, err := spec.Plan(ctx, sweep.Options{})
//	table, err := sweep.Run(ctx, plan, folder, sweep.Local{}, nil)
//	front := table.Front()
//
// The id of a point is a hash of what it is, so that adding a value to an axis, another
// order of keys, or another runner leaves finished points as they are. The package knows
// no method: those are found and run by package evaluate.
package sweep
