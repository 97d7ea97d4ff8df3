package replay

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestParseRule(t *testing.T) {
	for _, c := range []struct {
		rule        string
		n           int
		index       int
		addr        uint64
		write       bool
		arrive      int64
		last        uint64
		lastIsWrite bool
	}{
		{"addr=64*i, i=0..16383, reads", 16384, 5, 320, false, 0, 64 * 16383, false},
		{"addr = 64i + 0x100, i in 2..9, writes", 8, 0, 384, true, 0, 832, true},
		{"addr=8Ki*j + 64*i, j=0..15, i=0..127, writes", 2048, 130, 8192 + 128, true, 0, 15*8192 + 127*64, true},
		{"addr=64*(i/128*64 + i%64) + (i/64%2)*0x1000000, i=0..8191, write=i/64%2", 8192, 64, 1 << 24, true, 0, 1<<24 + 64*4095, true},
		{"addr=64*i, i=0..255, 64 reads then 64 writes", 256, 63, 63 * 64, false, 0, 255 * 64, true},
		{"addr=64*i, i=0..255, 3R/1W", 256, 3, 192, true, 0, 255 * 64, true},
		{"addr=(i ^ 1) << 6 & ~0, i=0..1, reads", 0, 0, 0, false, 0, 0, false},
		{"addr=(i ^ 1) << 6, i=0..1, reads, arrive=10*i+3", 2, 1, 0, false, 13, 0, false},
	} {
		trace, err := ParseRule(c.rule)
		if c.n == 0 {
			if err == nil {
				t.Errorf("%q: no error", c.rule)
			}
			continue
		}
		if err != nil || len(trace) != c.n {
			t.Errorf("%q: %d bursts, want %d (%v)", c.rule, len(trace), c.n, err)
			continue
		}
		if got, want := trace[c.index], (Burst{c.addr, c.write, c.arrive}); got != want {
			t.Errorf("%q: burst %d is %+v, want %+v", c.rule, c.index, got, want)
		}
		if got := trace[c.n-1]; got.Addr != c.last || got.Write != c.lastIsWrite {
			t.Errorf("%q: last burst %+v, want %d %v", c.rule, got, c.last, c.lastIsWrite)
		}
	}
}

func TestParseRuleRefuses(t *testing.T) {
	for rule, want := range map[string]string{
		"":                                    "must be addr",
		"addr=64*i":                           "must have an address and an index",
		"addr=64*j, i=0..3, reads":            `index "j" has no range`,
		"addr=64*i, i=3..0, reads":            "must give 1 to",
		"addr=64*i, i=0..99999999999, reads":  "must give 1 to",
		"addr=64*(i, i=0..3, reads":           "missing )",
		"addr=64/i, i=0..3, reads":            "division by zero",
		"addr=i-1, i=0..3, reads":             "must not be negative",
		"addr=64*i, i=0..3, reads, sometimes": "must be addr",
		"addr=64*0x1q, i=0..3":                "",
	} {
		_, err := ParseRule(rule)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", rule, err, want)
		}
	}
}

func TestPresetName(t *testing.T) {
	for in, want := range map[string]string{
		"DDR3-1600K-4Gb-x8": "ddr3-1600", "DDR4-2400U-8Gb-x8": "ddr4-2400", "DDR4_8Gb_x8_3200 map=rochrabacobg 1 rank": "ddr4-3200",
		"LPDDR4-2400-8Gb-x16x4": "lpddr4-2400", "LPDDR4_8Gb_x16_2400 map=x": "lpddr4-2400", "ddr4-2400": "ddr4-2400", "HBM2": "hbm2",
	} {
		if got := PresetName(in); got != want {
			t.Errorf("PresetName(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTrafficRefuses(t *testing.T) {
	for _, name := range []string{"", "seqR", "seq_64MiB", "walk", "seqR_1GiB", "rand4", "hit0", "seqR_99999999MiB"} {
		if trace, err := Traffic(part(t, "ddr4-2400"), name); err == nil {
			t.Errorf("%q: %d bursts, want an error", name, len(trace))
		}
	}
}

func TestReplayFromJSON(t *testing.T) {
	var r Replay
	err := json.Unmarshal([]byte(`{"preset": "DDR4-2400", "trace": [[0,0],[64,1,9]], "arrive": 4, "window": 8, "reorder": true}`), &r)
	want := `{ddr4-2400 { 8 2 true} [{0 false 4} {64 true 9}]}`
	if got := fmt.Sprint(r); err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	for _, bad := range []string{`{"trace": [[1]]}`, `{"trace": [[-64, 0]]}`, `{"trace_rule": "?"}`, `{"window": "x"}`} {
		if err := json.Unmarshal([]byte(bad), &r); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("addr=64*i, i=0..100, reads")
	f.Add("addr=8192*j+64i, j=0..3, i=0..7, write=i%2, arrive=(i+j)<<2")
	f.Add("addr=((((1))))|i&-i, i=0x0..1Ki, 3 reads then 2 writes")
	f.Fuzz(func(t *testing.T, rule string) {
		trace, err := ParseRule(rule)
		if err == nil && len(trace) == 0 {
			t.Errorf("%q: no bursts and no error", rule)
		}
	})
}
