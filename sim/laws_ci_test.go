//go:build !laws

package sim

// lawDraws is how often each law of TestLaws is drawn; the build tag laws makes it a
// million.
const lawDraws = 10_000

// giants are the shipped workloads that take minutes on some machines.
var giants = map[string]bool{"llama2-7b-prefill": true, "llama2-7b-decode": true, "gpt2-prefill": true}
