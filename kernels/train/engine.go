package train

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"bitcycle/internal/crew"
	"bitcycle/kernels"
	"bitcycle/kernels/gemm"
)

// maxChunks is the number of parts that a batch is cut into. It bounds how
// many workers help and fixes the order of all sums over images.
const maxChunks = 16

// stage is what a task does to a chunk of images.
type stage uint8

const (
	sumForward  stage = iota // statistics that forward needs of the whole batch
	forward                  // values
	sumBackward              // sums that backward needs of the whole batch
	backward                 // gradients
	reduce                   // parameters: add up the chunks' gradients
	prepare                  // parameters: transform and pack
)

// task is work on the images [lo, hi), chunk number c of the batch.
type task interface {
	chunk(s stage, w *worker, c, lo, hi int)
}

// worker is what one goroutine needs for itself.
type worker struct {
	scratch gemm.Scratch
	source  gemm.ConvF32
	col     []float32
	pass    kernels.Pass
	sums    []float64
	pcg     rand.PCG
	random  *rand.Rand // of pcg
}

// floats returns n values of working memory, content arbitrary.
func (w *worker) floats(n int) []float32 {
	if cap(w.col) < n {
		w.col = make([]float32, n)
	}
	return w.col[:n]
}

// doubles returns n zeros.
func (w *worker) doubles(n int) []float64 {
	if cap(w.sums) < n {
		w.sums = make([]float64, n)
	}
	clear(w.sums[:n])
	return w.sums[:n]
}

// engine runs tasks on a batch of n images.
type engine struct {
	workers  []*worker
	n        int
	training bool

	job  job
	next atomic.Int64
	wake chan struct{}
	done sync.WaitGroup

	guard crew.Guard
}

// job is a stage of a task over count chunks.
type job struct {
	task  task
	stage stage
	count int
	step  int // images a chunk
	n     int
}

func newEngine(workers int) *engine {
	e := &engine{wake: make(chan struct{})}
	for range min(max(workers, 1), maxChunks) {
		w := &worker{}
		w.pass.Buffer = w.floats
		w.random = rand.New(&w.pcg)
		e.workers = append(e.workers, w)
	}
	return e
}

// start lets the workers run until the returned function is called.
func (e *engine) start() (stop func()) {
	var wg sync.WaitGroup
	wake := make(chan struct{})
	e.wake = wake
	for _, w := range e.workers[1:] {
		wg.Go(func() {
			for range wake {
				e.help(w)
			}
		})
	}
	return func() {
		close(wake)
		wg.Wait()
	}
}

// chunks returns how many parts a batch of n images has and their size.
func chunks(n int) (count, step int) {
	step = (n + maxChunks - 1) / maxChunks
	return (n + step - 1) / step, step
}

// each runs a stage of the task on all chunks of the batch.
func (e *engine) each(t task, s stage) {
	count, step := chunks(e.n)
	e.spread(job{t, s, count, step, e.n})
}

// items runs a stage of the task on n single items.
func (e *engine) items(t task, s stage, n int) { e.spread(job{t, s, n, 1, n}) }

func (e *engine) spread(j job) {
	e.job = j
	e.next.Store(0)
	helpers := min(len(e.workers), j.count) - 1
	e.done.Add(helpers)
	for range helpers {
		e.wake <- struct{}{}
	}
	e.work(e.workers[0])
	e.done.Wait()
	e.guard.Rethrow()
}

// help works beside the caller of spread, which a panic reaches.
func (e *engine) help(w *worker) {
	defer e.done.Done()
	defer e.guard.Catch()
	e.work(w)
}

// work takes chunks until none is left.
func (e *engine) work(w *worker) {
	j := &e.job
	for c := int(e.next.Add(1)) - 1; c < j.count; c = int(e.next.Add(1)) - 1 {
		j.task.chunk(j.stage, w, c, c*j.step, min((c+1)*j.step, j.n))
	}
}
