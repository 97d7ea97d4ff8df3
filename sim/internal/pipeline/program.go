package pipeline

// Program is the tiles of a layer in the order in which they run. What repeats is
// listed once.
type Program struct {
	Tiles []Tile
	Steps []Step
}

// Step is an instruction of a program: tiles Lo to Hi, or, when Span is set, a loop
// over the Span−1 steps that follow; Repeat times.
type Step struct {
	Lo, Hi int
	Repeat int64
	Span   int
}

// Reset empties the program and keeps its memory.
func (p *Program) Reset() { p.Tiles, p.Steps = p.Tiles[:0], p.Steps[:0] }

// Each calls visit with every listed tile and how often it runs.
func (p *Program) Each(visit func(tile *Tile, times int64)) { p.each(p.Steps, 1, visit) }

func (p *Program) each(steps []Step, times int64, visit func(tile *Tile, times int64)) {
	for at := 0; at < len(steps); {
		s := steps[at]
		n := times * s.Repeat
		if s.Span > 0 {
			p.each(steps[at+1:at+s.Span], n, visit)
			at += s.Span
			continue
		}
		for i := s.Lo; i < s.Hi; i++ {
			visit(&p.Tiles[i], n)
		}
		at++
	}
}
