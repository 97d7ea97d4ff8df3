package mimo

import (
	"errors"
	"math/rand/v2"
)

// worker simulates coherence blocks of a link in a workspace of its own.
type worker struct {
	link     Link
	qam      QAM
	params   Params
	precoder Precoder
	up       *arrayReceiver
	s, y     Matrix
	tx       Transmit
}

func newWorker(l Link) (*worker, error) {
	q, err := QAMOf(l.Scenario.QAM)
	if err != nil {
		return nil, err
	}
	w := &worker{link: l, qam: q}
	w.params = Params{Power: l.Scenario.Power, NoiseVar: l.Scenario.Power / FromDB(l.SNRdB), QAM: q}
	w.s.Resize(l.Scenario.Users, l.Scenario.Symbols)
	if l.Uplink != nil {
		w.up, err = newArrayReceiver(*l.Uplink)
		return w, err
	}
	w.precoder, err = l.Scheme.New()
	return w, err
}

// channel simulates coherence block index.
func (w *worker) channel(index uint64) (Tally, error) {
	ch := w.link.Scenario.Draw(Stream(w.link.Seed, index, 0))
	t := Tally{Channels: 1}
	err := w.prepare(ch)
	if errors.Is(err, ErrDependent) {
		// Nobody can be served: the symbols are lost.
		w.lose(&t)
		return t, nil
	}
	if err != nil {
		return t, err
	}
	for b := range w.link.Scenario.Blocks {
		w.block(&t, ch, Stream(w.link.Seed, index, uint64(b)+1))
	}
	t.SquaredErrors = t.SymbolErrors * t.SymbolErrors
	return t, nil
}

func (w *worker) prepare(ch *Channel) error {
	if w.up != nil {
		return w.up.prepare(ch, w.params)
	}
	return w.precoder.Prepare(ch, w.params)
}

// lose counts a coherence block of guesses.
func (w *worker) lose(t *Tally) {
	s := w.link.Scenario
	t.Symbols = int64(s.Users * s.Symbols * s.Blocks)
	t.Bits = t.Symbols * int64(w.qam.Bits())
	t.SymbolErrors, t.BitErrors = t.Symbols-t.Symbols/int64(w.qam.Points()), t.Bits/2
	t.SquaredErrors = t.SymbolErrors * t.SymbolErrors
}

// block sends and decides one block of symbols.
func (w *worker) block(t *Tally, ch *Channel, r *rand.Rand) {
	w.qam.Random(&w.s, r)
	if w.up != nil {
		w.up.block(&w.y, &w.s, r)
		for i := range w.s.Rows {
			t.Errors.Add(w.qam.Detect(&w.y, &w.s, i, 1))
		}
		return
	}
	w.precoder.Precode(&w.tx, &w.s)
	Receive(&w.y, ch, &w.tx, w.params.NoiseVar, r)
	for i := range w.s.Rows {
		t.Errors.Add(w.qam.Detect(&w.y, &w.s, i, w.tx.gainOf(&w.y, &w.s, i)))
	}
	for i := range w.tx.NoiseVar {
		sep, _ := w.qam.SEP(w.tx.Gain[i], w.tx.NoiseVar[i])
		t.Predicted += sep
		t.Predictions++
	}
}
