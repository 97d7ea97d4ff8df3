package cli

import (
	"fmt"
	"io"
	"sync"
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
	if p.bars == nil {
		p.line(stage, done, total)
		return
	}
	if stage != p.stage {
		if p.bar != nil {
			p.bar.Abort(true)
		}
		p.stage = stage
		p.bar = p.bars.AddBar(int64(total), mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(stage+" ")),
			mpb.AppendDecorators(decor.CountersNoUnit("%d/%d "), decor.AverageETA(decor.ET_STYLE_GO)))
	}
	p.bar.SetTotal(int64(total), false)
	p.bar.SetCurrent(int64(done))
}

func (p *progressBar) line(stage string, done, total int) {
	if p.w == nil || time.Since(p.last) < 10*time.Second {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.w, "%s: %d of %d\n", stage, done, total)
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
