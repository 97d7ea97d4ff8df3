package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"bitcycle/internal/files"
)

// patience is how long a step may go on after it was told to stop: not all arithmetic asks
// whether it is still wanted.
const patience = 700 * time.Millisecond

// interruption turns the first SIGINT or SIGTERM into the end of a context, and ends the
// program if nobody heeds that in time, or at a second one.
type interruption struct {
	s      *session
	end    func(status int) // os.Exit
	signal chan os.Signal
	cancel context.CancelFunc
	over   chan struct{} // closed when the command has returned

	// Held while what is finished is written down, and by whoever ends the program.
	last sync.Mutex
	note func() string // keeps what memory alone has, and says how to go on
}

// interruptible returns a context that a signal ends.
func (s *session) interruptible(end func(status int)) (context.Context, *interruption) {
	ctx, cancel := context.WithCancel(context.Background())
	i := &interruption{s: s, end: end, signal: make(chan os.Signal, 2), cancel: cancel, over: make(chan struct{})}
	s.interrupt = i
	signal.Notify(i.signal, os.Interrupt, syscall.SIGTERM)
	go i.watch()
	return ctx, i
}

func (i *interruption) watch() {
	select {
	case <-i.signal:
	case <-i.over:
		return
	}
	i.cancel()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-i.over:
		return
	case <-timer.C:
		i.last.Lock() // a step that writes down what is finished may end
	case <-i.signal:
		i.last.TryLock()
	}
	select {
	case <-i.over:
		return
	default:
	}
	files.Abandon()
	fmt.Fprintln(i.s.stderr, "bitcycle: interrupted")
	if i.note != nil {
		if note := i.note(); note != "" {
			fmt.Fprintln(i.s.stderr, note)
		}
	}
	i.end(exitInterrupted)
}

// stop gives signals back.
func (i *interruption) stop() {
	signal.Stop(i.signal)
	close(i.over)
	i.cancel()
}

// remember tells what is to be done at an end that the step does not heed.
func (s *session) remember(note func() string) {
	if s.interrupt != nil {
		s.interrupt.last.Lock()
		defer s.interrupt.last.Unlock()
		s.interrupt.note = note
	}
}

// whole runs what writes down finished work: an interruption waits for it.
func (s *session) whole(write func() error) error {
	if s.interrupt != nil {
		s.interrupt.last.Lock()
		defer s.interrupt.last.Unlock()
	}
	return write()
}
