package train

// A segment is a sequence of stages that a chunk of images can go through
// without waiting for the others, so that its values stay in the cache from one
// stage to the next. After it, total forms the sums over the batch that the
// next segment needs.
type segment struct {
	steps []step
	total summer // nil: nothing to sum
	stage stage  // of total
}

type step struct {
	task  task
	stage stage
}

// chunk takes a chunk through all steps.
func (s *segment) chunk(_ stage, w *worker, c, lo, hi int) {
	for _, t := range s.steps {
		t.task.chunk(t.stage, w, c, lo, hi)
	}
}

// run runs the segments on the batch.
func (e *engine) run(segments []segment) {
	for i := range segments {
		s := &segments[i]
		e.each(s, forward)
		if s.total != nil {
			s.total.total(s.stage, e)
		}
	}
}

// schedule cuts forward and backward passes into segments. Inference has no
// sums over the batch and is one segment.
func (m *Model) schedule() {
	infer, ahead, back := schedule{}, schedule{}, schedule{}
	infer.add(m.load, forward)
	ahead.add(m.load, forward)
	for _, o := range m.ops {
		infer.add(o, forward)
		if s, ok := o.(summer); ok {
			ahead.sum(s, sumForward)
		}
		ahead.add(o, forward)
	}
	infer.add(m.loss, forward)
	ahead.add(m.loss, forward)
	for i := len(m.ops) - 1; i >= 0; i-- {
		o := m.ops[i]
		if o.output().slot < 0 {
			continue
		}
		if s, ok := o.(summer); ok {
			back.sum(s, sumBackward)
		}
		back.add(o, backward)
	}
	m.infer, m.ahead, m.back = infer.end(), ahead.end(), back.end()
}

// schedule collects segments.
type schedule struct {
	done []segment
	open segment
}

func (s *schedule) add(t task, at stage) { s.open.steps = append(s.open.steps, step{t, at}) }

// sum lets all chunks wait for the sums of o.
func (s *schedule) sum(o summer, at stage) {
	s.add(o, at)
	s.open.total, s.open.stage = o, at
	s.done = append(s.done, s.open)
	s.open = segment{}
}

func (s *schedule) end() []segment { return append(s.done, s.open) }
