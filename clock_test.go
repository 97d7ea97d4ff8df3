package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// readsClock lists the files that look at the clock on the wall, with what becomes of
// what they see. It must not get into a result: results are the same on every run.
var readsClock = map[string]string{
	"internal/cli/progress.go":                    "progress on standard error",
	"internal/cli/sweep.go":                       "how long a point takes, for the estimate of a dry run",
	"sim/sweep/estimate.go":                       "the estimate of a dry run, of which no result is made",
	"internal/proof/experiments/mimo/runtimes.go": "a table and a claim that are marked WallClock",
	"internal/proof/experiments/autoq/effort.go":  "a table and a claim that are marked WallClock",
	"kernels/gemm/peak/peak.go":                   "benchmarks",
	"sim/sweep/queue/connect.go":                  "how long a server has been away",
	"sim/sweep/queue/job.go":                      "how many points a worker takes at a time",
	"sim/sweep/store/manifest.go":                 "manifest.json, from which no result is read",
	"quantizers/autoq/checkpoint.go":              "how often a search is saved",
	"quantizers/methodtest/suite.go":              "the time limit of a test",
}

func TestResultsHoldNoClock(t *testing.T) {
	var found []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, call := range []string{"time.Now(", "time.Since("} {
			if strings.Contains(string(text), call) && !slices.Contains(found, path) {
				found = append(found, filepath.ToSlash(path))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if readsClock[path] == "" {
			t.Errorf("%s looks at the clock: say in this test what becomes of what it sees", path)
		}
	}
	for path := range readsClock {
		if !slices.Contains(found, path) {
			t.Errorf("%s no longer looks at the clock", path)
		}
	}
}
