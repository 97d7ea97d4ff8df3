//go:build !amd64 || noasm

package vector

func paths(string) []path { return nil }

func (p *path) sums(_, _, _, _ *float32, _, _ int) { panic("vector: no assembly") }

func (p *path) maskSums(_, _, _, _, _, _ *float32, _, _ int) { panic("vector: no assembly") }

func (p *path) ceilGradient(_, _, _, _, _ *float32, _ float32, _, _ int) {
	panic("vector: no assembly")
}
