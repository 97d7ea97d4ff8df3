package trace

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bitcycle/arch"
	"bitcycle/kernels/workload"
	"bitcycle/kernels/workload/zoo"
	"bitcycle/sim"
)

// log is a sink that checks the order as it goes.
type log struct {
	t      *testing.T
	now    int64
	open   map[Track]string
	slices map[Track]int
	busy   map[Track]int64 // ns in slices
	since  map[Track]int64
	held   int64
	closed bool
}

func newLog(t *testing.T) *log {
	return &log{t: t, open: map[Track]string{}, slices: map[Track]int{}, busy: map[Track]int64{}, since: map[Track]int64{}}
}

func (l *log) at(ns int64) {
	if ns < l.now {
		l.t.Fatalf("time falls from %d to %d", l.now, ns)
	}
	l.now = ns
}

func (l *log) Begin(track Track, ns int64, name string, _ []Field) {
	l.at(ns)
	if before, ok := l.open[track]; ok {
		l.t.Fatalf("%s: %q begins within %q", names[track], name, before)
	}
	l.open[track], l.since[track] = name, ns
	l.slices[track]++
}

func (l *log) End(track Track, ns int64) {
	l.at(ns)
	if _, ok := l.open[track]; !ok {
		l.t.Fatalf("%s: an end without a beginning", names[track])
	}
	delete(l.open, track)
	l.busy[track] += ns - l.since[track]
}

func (l *log) Value(_ Track, ns, value int64) {
	l.at(ns)
	if l.held = value; value < 0 {
		l.t.Fatalf("%d bytes on chip", value)
	}
}

func (l *log) Close() error {
	l.closed = true
	return nil
}

func record(t *testing.T, machine, network string) (*sim.Result, Timelines) {
	t.Helper()
	acc, err := arch.Load(machine, nil)
	if err != nil {
		t.Fatal(err)
	}
	w, err := zoo.Load(network)
	if err != nil {
		t.Fatal(err)
	}
	lines := Timelines{}
	r, err := sim.Run(t.Context(), acc, w, sim.Options{Trace: lines.Add, TraceCalls: lines.AddCalls})
	if err != nil {
		t.Fatal(err)
	}
	return r, lines
}

// Time never falls, slices of a track do not overlap, what is loaded is used or stored,
// and the array is as busy as the result says.
func TestTracesAreSound(t *testing.T) {
	for _, machine := range []string{"gemmini-default", "gemmini-firesim", "multipoint-int8-array", "eyeriss-v1-65nm", "tpu-v1", "finn-streaming", "scalesim-32x32", "bitfusion-eyeriss-45nm"} {
		r, lines := record(t, machine, "tiny-resnet8")
		l := newLog(t)
		if err := Write(l, r, lines); err != nil || !l.closed {
			t.Fatal(err)
		}
		if len(l.open) > 0 || l.held != 0 {
			t.Errorf("%s: open at the end: %v, %d bytes on chip", machine, l.open, l.held)
		}
		cycles := l.busy[Layers] * int64(r.ClockHz) / 1e9
		if slack := int64(len(r.Layers)) * int64(1+r.ClockHz/1e9); cycles < r.Totals.Cycles-slack || cycles > r.Totals.Cycles+slack {
			t.Errorf("%s: layers take %d cycles in the trace, %d in the result", machine, cycles, r.Totals.Cycles)
		}
		if len(lines) > 0 && machine != "finn-streaming" && l.slices[Array] == 0 {
			t.Errorf("%s: no tiles", machine)
		}
	}
}

// Every call of a layer is loaded, executed and, where it ends sums, stored, in this order
// and inside the layer; no unit has two at a time. Line by line the array works as long as
// the result says.
func TestCallsInTheUnits(t *testing.T) {
	for _, machine := range []string{"gemmini-default", "gemmini-firesim"} {
		r, lines := record(t, machine, "tiny-resnet8")
		for i := range r.Layers {
			l, of := &r.Layers[i], lines[i]
			if l.Kind != "conv" && l.Kind != "matmul" {
				continue
			}
			const answer = 100 // cycles until memory has acknowledged the last store
			var loaded, executed, stored, stores, cut int64
			for _, h := range of.Host {
				cut += h.End - h.Start
			}
			for k, c := range of.Calls {
				if c.Load.Start < loaded || c.Load.End < c.Load.Start || c.Execute.Start < executed || c.Execute.Start < c.Load.Start || c.Execute.End < c.Execute.Start || c.Execute.End > l.Cycles {
					t.Fatalf("%s, %s, call %d: %+v after %d and %d of %d", machine, l.Name, k, c, loaded, executed, l.Cycles)
				}
				loaded, executed = c.Load.End, c.Execute.End
				if c.Store.End > 0 {
					if c.Store.Start < stored || c.Store.Start < c.Execute.Start || c.Store.End < c.Store.Start || c.Store.End > l.Cycles {
						t.Fatalf("%s, %s, call %d: stored %+v after %d", machine, l.Name, k, c.Store, stored)
					}
					stored = c.Store.End
					stores++
				}
			}
			if int64(len(of.Calls)) == 0 || stores == 0 || cut != l.Stalls.Host || max(stored, executed) < l.Cycles*9/10-answer {
				t.Errorf("%s, %s: %d calls, %d stored, the host %d of %d cycles, the end at %d of %d", machine, l.Name, len(of.Calls), stores, cut, l.Stalls.Host, max(stored, executed), l.Cycles)
			}
		}
	}
}

// Both formats hold the same slices; protoc decodes Perfetto's without unknown fields.
func TestFormats(t *testing.T) {
	r, lines := record(t, "gemmini-default", "tiny-resnet8")
	var chrome, perfetto bytes.Buffer
	l := newLog(t)
	for _, to := range []Sink{newChrome(&chrome), newPerfetto(&perfetto), l} {
		if err := Write(to, r, lines); err != nil {
			t.Fatal(err)
		}
	}
	var all []struct {
		Ph string
		Ts json.Number
	}
	if err := json.Unmarshal(chrome.Bytes(), &all); err != nil {
		t.Fatal(err)
	}
	begins, total := 0, 0
	for _, n := range l.slices {
		total += n
	}
	for _, e := range all {
		if e.Ph == "B" {
			begins++
		}
	}
	if begins != total || total == 0 {
		t.Errorf("%d slices in Chrome's form, want %d", begins, total)
	}
	if n := strings.Count(chrome.String(), `"thread_name"`); n != 8 {
		t.Errorf("%d tracks with names in Chrome's form, want 8", n)
	}
	text := decode(t, perfetto.Bytes())
	if n := strings.Count(text, "type: 1\n"); n != total {
		t.Errorf("%d slices in Perfetto's form, want %d", n, total)
	}
	if unknown := regexp.MustCompile(`(?m)^ *\d+[: {].*$`).FindString(text); unknown != "" {
		t.Errorf("unknown field: %s", unknown)
	}
	last := uint64(0)
	for _, m := range regexp.MustCompile(`(?m)^  timestamp: (\d+)`).FindAllStringSubmatch(text, -1) {
		now, err := strconv.ParseUint(m[1], 10, 64)
		if err != nil || now < last {
			t.Fatalf("timestamp %s after %d: %v", m[1], last, err)
		}
		last = now
	}
}

func decode(t *testing.T, data []byte) string {
	t.Helper()
	tool, err := exec.LookPath("protoc")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no protoc to decode the trace with")
		}
		t.Skip("no protoc (protobuf-compiler) to decode the trace with")
	}
	cmd := exec.Command(tool, "-I", "testdata", "--decode", "check.Trace", "testdata/trace.proto")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A layer of more tiles than a viewer can hold is an error, not a full disk.
func TestTooManyTiles(t *testing.T) {
	acc, err := arch.Load("multipoint-int8-array", nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &workload.Workload{Name: "big", Ops: []workload.Op{{
		Name: "gemm", Kind: workload.MatMul, M: 4096, K: 4096, N: 4096, Groups: 1, Batch: 1, WeightBits: workload.Widths{8}, ActBits: 8,
	}}}
	_, err = sim.Run(t.Context(), acc, w, sim.Options{Trace: Timelines{}.Add, TraceTiles: 10})
	if err == nil || !strings.Contains(err.Error(), `op "gemm" has `) {
		t.Error(err)
	}
}

func TestOpen(t *testing.T) {
	if _, err := Open(".txt", nil); err == nil || !strings.Contains(err.Error(), ".pftrace") {
		t.Error(err)
	}
}
