package crew

import (
	"strings"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

func TestEachCallsEveryIndexOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		calls := make([]atomic.Int32, n)
		Each(rapid.IntRange(-1, 20).Draw(t, "workers"), n, func(i int) { calls[i].Add(1) })
		for i := range calls {
			if got := calls[i].Load(); got != 1 {
				t.Fatalf("%d calls with %d", got, i)
			}
		}
	})
}

// caught returns what f panics with.
func caught(f func()) (p *Panic) {
	defer func() { p, _ = recover().(*Panic) }()
	f()
	return nil
}

func TestPanicsReachTheWaiter(t *testing.T) {
	p := caught(func() { Each(4, 100, func(i int) { mistake(i) }) })
	if p == nil || p.Value != "a mistake of ours" || !strings.Contains(p.Error(), "crew.mistake") {
		t.Errorf("panicked with %v, want the mistake and where it was made", p)
	}
	p = caught(func() {
		var g Group
		g.Go(func() { mistake(13) })
		g.Go(func() {})
		g.Wait()
	})
	if p == nil || p.Value != "a mistake of ours" {
		t.Errorf("a group panicked with %v", p)
	}
}

func mistake(i int) {
	if i == 13 {
		panic("a mistake of ours")
	}
}

// All workers panic, and still Each returns.
func TestEachOutlivesItsWorkers(t *testing.T) {
	if p := caught(func() { Each(3, 1000, func(int) { panic("all") }) }); p == nil {
		t.Error("no panic")
	}
}
