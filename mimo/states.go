package mimo

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// States keeps what simulations have found so far, so that an interrupted run goes on
// where it was. It is safe for concurrent use; nil keeps nothing. As text it is a line
// of JSON for each round of coherence blocks, of which the last of a simulation counts.
type States struct {
	// Log, if not nil, gets a line after every round.
	Log io.Writer

	mu    sync.Mutex
	known map[simulation]State
}

// simulation is a link and when its simulation ends.
type simulation struct {
	link string
	stop Stop
}

// stateLine is a line of a States file.
type stateLine struct {
	Stop  Stop  `json:"stop"`
	State State `json:"state"`
}

// check reports what cannot be the state between two rounds.
func (l *stateLine) check() error {
	if err := l.Stop.Validate(); err != nil {
		return err
	}
	t, stop := &l.State.Tally, l.Stop
	whole := t.Channels%int64(stop.round()) == 0 || t.Channels == int64(stop.Channels)
	switch {
	case t.Channels < 1 || t.Channels > int64(stop.Channels) || !whole:
		return fmt.Errorf("%d channels of %d, in rounds of %d", t.Channels, stop.Channels, stop.round())
	case t.Symbols < t.Channels || t.SymbolErrors < 0 || t.SymbolErrors > t.Symbols:
		return fmt.Errorf("%d of %d symbols wrong", t.SymbolErrors, t.Symbols)
	case t.Bits < t.Symbols || t.BitErrors < t.SymbolErrors || t.BitErrors > t.Bits:
		return fmt.Errorf("%d of %d bits wrong, %d symbols", t.BitErrors, t.Bits, t.SymbolErrors)
	case t.SquaredErrors < t.SymbolErrors || float64(t.SquaredErrors) > float64(t.SymbolErrors)*float64(t.SymbolErrors):
		return fmt.Errorf("%d symbol errors, squared by channel %d", t.SymbolErrors, t.SquaredErrors)
	case t.Predictions < 0 || !(t.Predicted >= 0 && t.Predicted <= float64(t.Predictions)*(1+1e-9)):
		return fmt.Errorf("%v errors predicted in %d", t.Predicted, t.Predictions)
	case l.State.Done != stop.done(*t):
		return fmt.Errorf("done = %t after %d channels", l.State.Done, t.Channels)
	}
	return nil
}

// Read adds the lines of r. A last line without its end, as a crash leaves it, is
// left out.
func (s *States) Read(r io.Reader) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[simulation]State{}
	}
	lines := bufio.NewReader(r)
	for n := 1; ; n++ {
		text, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var l stateLine
		if err := json.Unmarshal(text, &l); err != nil || l.State.Link == "" {
			return fmt.Errorf("%d: not the state of a simulation", n)
		}
		if err := l.check(); err != nil {
			return fmt.Errorf("%d: no simulation comes to this: %w", n, err)
		}
		s.known[simulation{l.State.Link, l.Stop}] = l.State
	}
}

// StateText is a line of States: how far a simulation of a link has come that ends at stop.
func StateText(stop Stop, state State) []byte {
	text, err := json.Marshal(stateLine{stop, state})
	if err != nil {
		panic("mimo: " + err.Error())
	}
	return text
}

// Len is the number of simulations known.
func (s *States) Len() int {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.known)
}

// looser tells whether a simulation that ends at s has come no further than one that ends
// at t passes on its way.
func (s Stop) looser(t Stop) bool {
	within := func(a, b float64) bool { return b == 0 || a >= b }
	return s.round() == t.round() && s.Channels <= t.Channels && within(s.RelError, t.RelError) && within(s.Floor, t.Floor)
}

// find returns how far a simulation has come, or one of the same link that ends earlier,
// which it goes on from: the furthest.
func (s *States) find(link string, stop Stop) State {
	if s == nil {
		return State{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if state, ok := s.known[simulation{link, stop}]; ok {
		return state
	}
	var furthest State
	for of, state := range s.known {
		whole := state.Tally.Channels%int64(stop.round()) == 0
		if of.link == link && whole && of.stop.looser(stop) && state.Tally.Channels > furthest.Tally.Channels {
			furthest = state
		}
	}
	furthest.Done = false
	return furthest
}

// keep remembers a round.
func (s *States) keep(stop Stop, state State) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[simulation]State{}
	}
	s.known[simulation{state.Link, stop}] = state
	if s.Log == nil {
		return nil
	}
	return json.NewEncoder(s.Log).Encode(stateLine{stop, state})
}
