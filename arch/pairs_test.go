package arch

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bitcycle/internal/strict"
)

// values lists some values of each key of a pair, all good by themselves.
var values = map[string][]any{
	"engine":                   {"systolic", "bitserial", "fusion", "rowstationary", "streaming", "simd", "ne16"},
	"array.serial":             {"both", "weights", "activations"},
	"array.serial_bits":        {1, 2},
	"array.serial_weight_bits": {1, 2},
	"array.one_bit_speedup":    {1.0, 1.5},
	"array.sync":               {"tile", "lane", "group"},
	"array.dataflow":           {"ws", "os", "is"},
	"array.order":              {"sorted", "inorder", "lpt"},
	"array.depthwise_lanes":    {1, 2},
	"buffers.unified":          {true, false},
	"memory.kind":              {"ideal", "flat", "dram"},
	"memory.external":          {true, false},
	"memory.ports":             {"shared", "split"},
	"memory.overlap":           {"tiles", "max", "steady", "fitted", "decoupled", "none"},
	"memory.metadata":          {true, false},
	"memory.read_outputs":      {true, false},
	"mapping.objective":        {"cycles", "energy", "edp"},
	"energy.dram_model":        {"flat", "idd"},
	"array.reduce_by":          {"flat", "channel"},
	"array.first_layer_flat":   {true, false},
	"array.pack":               {true, false},
	"memory.layout":            {"native", "rows", "planes", "padded"},
}

// together are the settings of a machine that may have a memory.overlap on flat memory.
var together = map[string][]string{
	"steady":    {"engine=fusion", "array.depthwise_lanes=1", "memory.ports=shared", "memory.read_outputs=true", "memory.metadata=false"},
	"fitted":    {"engine=bitserial", "memory.ports=split", "memory.read_outputs=false", "memory.metadata=false"},
	"decoupled": {"engine=systolic", "array.reduce_by=channel", "buffers.weights.bytes=0", "buffers.unified=true", "memory.layout=native", "memory.metadata=false"},
}

// Every pair is refused by the file that sets it, and names the value that was set
// last: here each value of the second key on the command line.
func TestPairsAreRefused(t *testing.T) {
	for _, p := range pairs {
		base := filepath.Join(t.TempDir(), "base.toml")
		engine := "bitserial"
		var set []string
		if p.key == "array.dataflow" {
			engine = "systolic"
		}
		if overlap := map[string]any{"memory.overlap": p.value, "mapping.tiling": "decoupled"}[p.key]; overlap != nil {
			if p.key == "mapping.tiling" {
				set = append(set, "memory.overlap=decoupled")
			}
			for _, s := range together[overlap.(string)] {
				if name, ok := strings.CutPrefix(s, "engine="); ok {
					engine = name
					continue
				}
				set = append(set, s)
			}
		}
		if err := os.WriteFile(base, fmt.Appendf(nil, "engine = %q\n", engine), 0o644); err != nil {
			t.Fatal(err)
		}
		set = append(set, fmt.Sprintf("%s=%v", p.key, p.value))
		if p.key == "energy.dram_model" { // the first of the two keys cannot stand without the other
			set = append(set, "memory.kind=dram")
		}
		if p.key == "memory.external" {
			set = append(set, "memory.kind=ideal")
		}
		if p.key == "array.order" {
			set = append(set, "array.sync=lane")
		}
		if _, err := Load(base, set); err != nil {
			t.Errorf("%s = %v on %s is refused: %v", p.key, p.value, engine, err)
			continue
		}
		for _, v := range values[p.needs.key] {
			last := fmt.Sprintf("%s=%v", p.needs.key, v)
			all := append(set[:len(set):len(set)], last)
			if last == "buffers.unified=true" {
				all = append(set[:len(set):len(set)], "buffers.weights.bytes=0", last)
			}
			if p.key == "mapping.tiling" && (v == "steady" || v == "fitted") {
				continue // their engines refuse the array first
			}
			_, err := Load(base, all)
			if allowed := strings.Contains(" | "+p.allowed()+" | ", " | "+strict.Format(v)+" | "); allowed {
				continue // some other pair may refuse it
			}
			want := fmt.Sprintf("--set %s: %s = %s needs %s", last, p.key, strict.Format(p.value), p.allowed())
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: %v, want %q", all, err, want)
			}
		}
	}
}

// A machine made in code is refused for the same pairs, one KeyError each.
func TestPairsInCode(t *testing.T) {
	for _, engine := range Engines() {
		for _, overlap := range []string{"steady", "fitted", "decoupled"} {
			a := Default(engine, 45)
			a.Memory.Overlap = overlap
			err := a.Validate()
			var key *KeyError
			if !errors.As(err, &key) || key.Key != "memory.overlap" {
				t.Errorf("%s on %s: %v", engine, overlap, err)
			}
			fits := overlap == "steady" && engine == Fusion || overlap == "fitted" && engine == BitSerial || overlap == "decoupled" && engine == Systolic
			if n := strings.Count(err.Error(), "\n") + 1; !fits && n != 1 {
				t.Errorf("%s on %s: %d lines for the wrong engine:\n%v", engine, overlap, n, err)
			}
		}
	}
}
