package pipeline

// Program is the tiles of a layer in the order in which they run. What repeats is
// listed once.
type Program struct {
	Tiles []Tile
	Steps []Step

	open bool // the last step may take one more tile
}

// Step is an instruction of a program: tiles Lo to Hi, or, when Span is set, a loop
// over the Span−1 steps that follow; Repeat times.
type Step struct {
	Lo, Hi int
	Repeat int64
	Span   int
}

// Reset empties the program and keeps its memory.
func (p *Program) Reset() { p.Tiles, p.Steps, p.open = p.Tiles[:0], p.Steps[:0], false }

// Append adds a tile that runs so many times in a row.
func (p *Program) Append(t Tile, times int64) {
	at := len(p.Tiles)
	p.Tiles = append(p.Tiles, t)
	if p.open && times == 1 {
		p.Steps[len(p.Steps)-1].Hi++
		return
	}
	p.Steps = append(p.Steps, Step{Lo: at, Hi: at + 1, Repeat: times})
	p.open = times == 1
}

// Open starts a loop, and returns what Close ends it by.
func (p *Program) Open(repeat int64) int {
	p.Steps = append(p.Steps, Step{Lo: len(p.Tiles), Repeat: repeat})
	p.open = false
	return len(p.Steps) - 1
}

// Close ends a loop.
func (p *Program) Close(at int) {
	p.Steps[at].Span = len(p.Steps) - at
	p.open = false
}

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
