package stepped

// stationary is an R×C array that holds one operand and streams the other. A
// word of pack stationary elements sits in every processing element; words of
// the stream enter at the left, one row a cycle later than the row above, and
// move right; partial sums move down and leave at the bottom.
type stationary struct {
	rows, cols, pack int

	held   []int32 // [row][col·pack] in use
	shadow []int32 // [row][col·pack] being shifted in; held itself without shadow registers
	moving []int32 // [row][col·pack] stream
	sums   []int64 // [row+1][col]; row 0 stays zero
	edge   []beat  // beat that enters each row in this cycle
	bottom []beat  // beat of each sum in the last row

	loads    []load // shift-ins on their way through the columns
	switches []int  // ages of the fronts that take over shadow words
	pending  int64  // beats of columns that have not left
	steps    int64

	stream func(f *fold, k int32, x int) int32 // element of the stream
	leave  func(f *fold, col, x int, sum int64)
}

// beat is element x of the stream during a fold; nil fold is a bubble.
type beat struct {
	fold *fold
	x    int
}

// load is a shift-in of stationary words, column c one cycle after column c−1
// and the last row first.
type load struct {
	words []int32 // [row][col·pack]
	age   int
}

func newStationary(rows, cols, pack int, shadow bool) *stationary {
	s := &stationary{
		rows: rows, cols: cols, pack: pack,
		held:   make([]int32, rows*cols*pack),
		moving: make([]int32, rows*cols*pack),
		sums:   make([]int64, (rows+1)*cols),
		edge:   make([]beat, rows),
		bottom: make([]beat, cols),
	}
	s.shadow = s.held
	if shadow {
		s.shadow = make([]int32, rows*cols*pack)
	}
	return s
}

// load starts to shift in the words that word returns.
func (s *stationary) load(f *fold, word func(f *fold, k int32, col int) int32) {
	l := load{words: make([]int32, len(s.held))}
	for r := range s.rows {
		for c := range s.cols {
			for i := range f.mode.pack {
				l.words[(r*s.cols+c)*s.pack+i] = word(f, f.k[r*f.mode.pack+i], c)
			}
		}
	}
	s.loads = append(s.loads, l)
}

// step is one cycle in which b enters the first row.
func (s *stationary) step(b beat) {
	s.steps += int64(s.rows) * int64(s.cols)
	if b.fold != nil {
		s.pending += int64(s.cols)
	}
	copy(s.edge[1:], s.edge)
	s.edge[0] = b
	s.takeOver()
	for r := s.rows - 1; r >= 0; r-- {
		s.stepRow(r)
	}
	copy(s.bottom[1:], s.bottom)
	s.bottom[0] = s.edge[s.rows-1]
	out := s.sums[s.rows*s.cols:]
	for c, b := range s.bottom {
		if b.fold != nil {
			s.leave(b.fold, c, b.x, out[c])
			s.pending--
		}
	}
	s.shiftLoads()
}

// stepRow moves the stream of a row to the right and adds its products to the
// sums of the row above.
func (s *stationary) stepRow(r int) {
	width := s.cols * s.pack
	moving := s.moving[r*width : (r+1)*width]
	copy(moving[s.pack:], moving)
	clear(moving[:s.pack])
	if b := s.edge[r]; b.fold != nil {
		pack := b.fold.mode.pack
		for i := range pack {
			moving[i] = s.stream(b.fold, b.fold.k[r*pack+i], b.x)
		}
	}
	above := s.sums[r*s.cols : (r+1)*s.cols]
	sums := s.sums[(r+1)*s.cols : (r+2)*s.cols]
	addProducts(sums, above, s.held[r*width:(r+1)*width], moving, s.pack)
}

// addProducts computes sums = above + the dot products of pack elements.
func addProducts(sums, above []int64, held, moving []int32, pack int) {
	above = above[:len(sums)]
	if pack == 1 {
		held, moving = held[:len(sums)], moving[:len(sums)]
		for c := range sums {
			sums[c] = above[c] + int64(held[c])*int64(moving[c])
		}
		return
	}
	for c := range sums {
		h, m := held[c*pack:(c+1)*pack], moving[c*pack:(c+1)*pack]
		dot := above[c]
		for i := range h {
			dot += int64(h[i]) * int64(m[i])
		}
		sums[c] = dot
	}
}

// takeOver moves every front of shadow words in use one diagonal on.
func (s *stationary) takeOver() {
	for i, age := range s.switches {
		for r := range min(s.rows, age+1) {
			if c := age - r; c < s.cols {
				at := (r*s.cols + c) * s.pack
				copy(s.held[at:at+s.pack], s.shadow[at:at+s.pack])
			}
		}
		s.switches[i]++
	}
	if len(s.switches) > 0 && s.switches[0] > s.rows+s.cols-2 {
		s.switches = s.switches[1:]
	}
}

// shiftLoads moves the words of every shift-in one row down, each until it is
// in its own row. A row that no word has reached yet keeps what it holds.
func (s *stationary) shiftLoads() {
	width := s.cols * s.pack
	for i := range s.loads {
		l := &s.loads[i]
		lo := max(0, l.age-s.rows+1)
		for r := min(l.age, s.rows-1); r >= 0; r-- {
			hi := min(s.cols, l.age-r+1)
			if lo >= hi {
				continue
			}
			to := s.shadow[r*width+lo*s.pack : r*width+hi*s.pack]
			if r > 0 {
				copy(to, s.shadow[(r-1)*width+lo*s.pack:])
				continue
			}
			for c := lo; c < hi; c++ {
				row := s.rows - 1 - (l.age - c)
				copy(s.shadow[c*s.pack:(c+1)*s.pack], l.words[row*width+c*s.pack:])
			}
		}
		l.age++
	}
	if len(s.loads) > 0 && s.loads[0].age >= s.rows+s.cols-1 {
		s.loads = s.loads[1:]
	}
}

// loaded reports whether the first column of the last shift-in is in place.
func (s *stationary) loaded() bool {
	return len(s.loads) == 0 || s.loads[len(s.loads)-1].age >= s.rows
}
