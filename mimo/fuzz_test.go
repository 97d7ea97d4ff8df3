package mimo

import (
	"bytes"
	"testing"
)

// FuzzStates reads states of simulations: none is one that no run comes to.
func FuzzStates(f *testing.F) {
	stop := Stop{Channels: 16}
	whole := StateText(stop, State{Link: "a", Tally: Tally{Channels: 16, Errors: Errors{Symbols: 64, Bits: 128}}, Done: true})
	for _, seed := range []string{
		string(whole) + "\n", string(whole), "", "{}\n", "\n", "null\n", string(bytes.Replace(whole, []byte("64"), []byte("-1"), 1)) + "\n",
		string(bytes.Replace(whole, []byte("16"), []byte("9223372036854775807"), -1)) + "\n", string(bytes.Replace(whole, []byte("128"), []byte("1e400"), 1)) + "\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s States
		if s.Read(bytes.NewReader(data)) != nil {
			return
		}
		for key, state := range s.known {
			if line := (stateLine{key.stop, state}); line.check() != nil || state.Link != key.link {
				t.Errorf("%+v", line)
			}
		}
	})
}
