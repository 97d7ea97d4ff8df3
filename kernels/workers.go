package kernels

import (
	"runtime"
	"sync"
	"sync/atomic"

	"bitcycle/internal/crew"
)

// pool runs numbered tasks on a fixed number of goroutines.
type pool struct {
	sync.Mutex
	wait  sync.WaitGroup
	guard crew.Guard
	next  atomic.Int64
	tasks int64
	loops []func()
}

func (p *pool) init(workers int, work func(worker, task int)) {
	for w := range workers {
		p.loops = append(p.loops, func() {
			defer p.wait.Done()
			defer p.guard.Catch()
			for {
				task := p.next.Add(1) - 1
				if task >= p.tasks {
					return
				}
				work(w, int(task))
			}
		})
	}
}

// run performs tasks 0 to n−1, each on one worker.
func (p *pool) run(n int) {
	p.next.Store(0)
	p.tasks = int64(n)
	loops := p.loops[:max(min(n, len(p.loops)), 0)]
	p.wait.Add(len(loops))
	for _, loop := range loops[min(1, len(loops)):] {
		go loop()
	}
	if len(loops) > 0 {
		loops[0]()
	}
	p.wait.Wait()
	p.guard.Rethrow()
}

func workerCount(n int) int {
	if n > 0 {
		return n
	}
	return runtime.GOMAXPROCS(0)
}
