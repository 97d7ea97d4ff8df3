package cli

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"testing"

	"bitcycle/arch"
)

var update = flag.Bool("update", false, "rewrite the recorded results")

const recordedFile = "testdata/recorded/run.json.gz"

// recordedMethods are a uniform one, one with points, and widths per channel drawn at random.
var recordedMethods = []string{"uniform:w=4,a=4", "multipoint:w=3,a=8", "policy:testdata/recorded/random.toml"}

// TestRecordedRuns holds run --json of every shipped machine against a recording:
// keys may be added, what was recorded stays.
func TestRecordedRuns(t *testing.T) {
	got := map[string]any{}
	for _, machine := range arch.List() {
		for _, method := range recordedMethods {
			got[machine.Name+" "+method] = runJSON(t, "run", "-m", machine.Name, "-q", method, "--images", "4", "--calib", "glyphs:calib[:16]", "--json")
		}
	}
	if *update {
		writeRecorded(t, got)
		return
	}
	want := readRecorded(t)
	for _, name := range sortedKeys(want) {
		for _, line := range differences(name, want[name], got[name]) {
			t.Error(line)
		}
	}
}

func runJSON(t *testing.T, args ...string) any {
	t.Helper()
	var out, errs bytes.Buffer
	if status := Main(append(args, "--quiet"), &out, &errs); status != exitDone {
		t.Fatalf("%q: status %d: %s", args, status, &errs)
	}
	var doc map[string]any
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatalf("%q: %v", args, err)
	}
	return doc["result"]
}

// differences lists where got lacks or changes what want holds.
func differences(path string, want, got any) []string {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: want an object, got %v", path, got)}
		}
		var out []string
		for _, key := range sortedKeys(w) {
			out = append(out, differences(path+"."+key, w[key], g[key])...)
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return []string{fmt.Sprintf("%s: want %d elements, got %v", path, len(w), got)}
		}
		var out []string
		for i := range w {
			out = append(out, differences(fmt.Sprintf("%s[%d]", path, i), w[i], g[i])...)
		}
		return out
	}
	if want != got {
		return []string{fmt.Sprintf("%s: %v, recorded %v", path, got, want)}
	}
	return nil
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func readRecorded(t *testing.T) map[string]any {
	t.Helper()
	f, err := os.Open(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.NewDecoder(z).Decode(&out); err != nil {
		t.Fatal(err)
	}
	return out
}

func writeRecorded(t *testing.T, all map[string]any) {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if err := json.NewEncoder(z).Encode(all); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(recordedFile, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
