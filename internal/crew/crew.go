// Package crew runs work on several goroutines. A panic in one of them becomes a panic
// of whoever waits for them, so that a program can end in its own way.
package crew

import (
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// Panic is what a goroutine panicked with, and where.
type Panic struct {
	Value any
	Stack []byte
}

// Error returns what was panicked with, and the stack in further lines.
func (p *Panic) Error() string { return fmt.Sprintf("%v\n%s", p.Value, p.Stack) }

// Guard keeps the first panic of several goroutines. The zero value is ready to use.
type Guard struct{ first atomic.Pointer[Panic] }

// Catch is to be deferred in a goroutine.
func (g *Guard) Catch() {
	if r := recover(); r != nil {
		g.first.CompareAndSwap(nil, &Panic{r, debug.Stack()})
	}
}

// Rethrow panics with the [Panic] that was caught, if one was.
func (g *Guard) Rethrow() {
	if p := g.first.Load(); p != nil {
		panic(p)
	}
}

// Group is a [sync.WaitGroup] whose Wait panics if one of its goroutines has.
type Group struct {
	wait  sync.WaitGroup
	guard Guard
}

// Go calls f in a goroutine.
func (g *Group) Go(f func()) {
	g.wait.Go(func() {
		defer g.guard.Catch()
		f()
	})
}

// Wait returns when all goroutines have.
func (g *Group) Wait() {
	g.wait.Wait()
	g.guard.Rethrow()
}

// Each calls f(0) to f(n−1), each once, from at most so many goroutines. After a panic
// no further ones begin.
func Each(workers, n int, f func(i int)) {
	var g Group
	var next atomic.Int64
	for range min(max(workers, 1), n) {
		g.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && g.guard.first.Load() == nil; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	g.Wait()
}
