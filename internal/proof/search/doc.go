// Package search joins the allocators and agents of quantizers/autoq with the
// machines of sim and the networks of kernels: what a policy costs comes from the
// cycle model, what it loses from executing the quantized network in integers.
package search
