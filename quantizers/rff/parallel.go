package rff

import (
	"iter"
	"runtime"
	"sync/atomic"

	"bitcycle/internal/crew"
)

// maxRows is the largest number of rows that a worker takes at a time.
const maxRows = 64

// parallel shares [0, n) out to workers, each of which calls work once with the
// pieces [lo, hi) that fall to it; 0 workers means one per processor.
func parallel(n, workers int, work func(pieces iter.Seq2[int, int])) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = max(1, min(workers, n))
	const rounds = 4 // that a worker comes back for more, so that none waits long for another
	rows := min(max(n/(rounds*workers), 1), maxRows)
	if workers == 1 {
		rows = maxRows
	}
	var next atomic.Int64
	pieces := func(yield func(lo, hi int) bool) {
		for {
			lo := int(next.Add(int64(rows))) - rows
			if lo >= n || !yield(lo, min(lo+rows, n)) {
				return
			}
		}
	}
	var wg crew.Group
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
