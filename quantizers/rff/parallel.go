package rff

import (
	"iter"
	"runtime"
	"sync"
	"sync/atomic"
)

// rowsAtOnce is the number of rows a worker takes at a time.
const rowsAtOnce = 16

// parallel shares [0, n) out to workers, each of which calls work once with the
// pieces [lo, hi) that fall to it; 0 workers means one per processor.
func parallel(n, workers int, work func(pieces iter.Seq2[int, int])) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = max(1, min(workers, (n+rowsAtOnce-1)/rowsAtOnce))
	var next atomic.Int64
	pieces := func(yield func(lo, hi int) bool) {
		for {
			lo := int(next.Add(rowsAtOnce)) - rowsAtOnce
			if lo >= n || !yield(lo, min(lo+rowsAtOnce, n)) {
				return
			}
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(func() { work(pieces) })
	}
	work(pieces)
	wg.Wait()
}

// eachRow calls do for every row in [0, n) from one worker per processor.
func eachRow(n, workers int, do func(i int)) {
	parallel(n, workers, func(pieces iter.Seq2[int, int]) {
		for lo, hi := range pieces {
			for i := lo; i < hi; i++ {
				do(i)
			}
		}
	})
}
