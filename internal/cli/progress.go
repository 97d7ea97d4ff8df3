package cli

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progressBar shows one line per stage on a terminal, a plain line every ten
// seconds elsewhere, and nothing with --quiet.
type progressBar struct {
	mu    sync.Mutex
	w     io.Writer
	bars  *mpb.Progress
	bar   *mpb.Bar
	stage string
	last  time.Time
	since time.Time // when the stage was first heard of
	from  int       // what was done then
	more  atomic.Pointer[string]
}

// note is what else people should know of the stage.
func (p *progressBar) note(text string) { p.more.Store(&text) }

// noted is the last note behind a blank, "" if there is none.
func (p *progressBar) noted(before string) string {
	if text := p.more.Load(); text != nil {
		return before + *text
	}
	return ""
}

func (s *session) progress() *progressBar {
	p := &progressBar{last: time.Now()}
	switch {
	case s.Quiet:
	case isTerminal(s.stderr):
		p.bars = mpb.New(mpb.WithOutput(s.stderr), mpb.WithWidth(40))
	default:
		p.w = s.stderr
	}
	return p
}

// update says that done of total steps of a stage are finished.
func (p *progressBar) update(stage string, done, total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fresh := stage != p.stage
	if fresh {
		p.stage, p.since, p.from = stage, time.Now(), done
	}
	if p.bars == nil {
		p.line(stage, done, total)
		return
	}
	if fresh {
		if p.bar != nil {
			p.bar.Abort(true)
		}
		p.bar = p.bars.AddBar(int64(total), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(stage+" ")),
			mpb.AppendDecorators(decor.CountersNoUnit("%d/%d "), decor.AverageETA(decor.ET_STYLE_GO), decor.Any(func(decor.Statistics) string { return p.noted(" ") })))
	}
	p.bar.SetTotal(int64(total), false)
	p.bar.SetCurrent(int64(done))
}

func (p *progressBar) line(stage string, done, total int) {
	if p.w == nil || time.Since(p.last) < 10*time.Second {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.w, "%s: %d of %d%s%s\n", stage, done, total, p.left(done, total), p.noted(", "))
}

// left says how long the stage will take at the rate so far.
func (p *progressBar) left(done, total int) string {
	if done <= p.from || done >= total {
		return ""
	}
	each := time.Since(p.since) / time.Duration(done-p.from)
	return fmt.Sprintf(", %v left", (each * time.Duration(total-done)).Round(time.Second))
}

// done removes the bars.
func (p *progressBar) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		p.bar.Abort(true)
	}
	if p.bars != nil {
		p.bars.Wait()
	}
}
