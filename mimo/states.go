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
	known map[string]State
}

// stateLine is a line of a States file.
type stateLine struct {
	Stop  Stop  `json:"stop"`
	State State `json:"state"`
}

// key names a simulation: the link and when it ends.
func key(link string, s Stop) string { return fmt.Sprintf("%s %+v", link, s) }

// Read adds the lines of r. A last line without its end, as a crash leaves it, is
// left out.
func (s *States) Read(r io.Reader) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]State{}
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
		s.known[key(l.State.Link, l.Stop)] = l.State
	}
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

// find returns how far a simulation has come.
func (s *States) find(link string, stop Stop) State {
	if s == nil {
		return State{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[key(link, stop)]
}

// keep remembers a round.
func (s *States) keep(stop Stop, state State) error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]State{}
	}
	s.known[key(state.Link, stop)] = state
	if s.Log == nil {
		return nil
	}
	return json.NewEncoder(s.Log).Encode(stateLine{stop, state})
}
