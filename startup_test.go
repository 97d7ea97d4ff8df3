package main

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The most bytes that the initialisation of one package and of all of them may allocate.
// What a report does not need is made when it is first used: a font, a table of widths, a
// pattern. Bytes are counted, not time, because they are the same in every run.
const (
	mostOfOne = 64 << 10
	mostOfAll = 384 << 10
)

// costly are packages that are allowed more, because nobody can keep them from it: what
// they cost every report, also one that does not use them.
var costly = map[string]int{
	"github.com/olekukonko/tablewriter/pkg/twwidth": 704 << 10, // text tables: a cache of widths, made at once
	"github.com/olekukonko/errors":                  72 << 10,  // of tablewriter
	"github.com/nats-io/nats-server/v2/server":      192 << 10, // the queue that a coordinator of sweeps starts
	"github.com/klauspost/compress/flate":           32 << 10,  // of the queue and of Parquet
}

var initLine = regexp.MustCompile(`^init (\S+) @.* (\d+) bytes, (\d+) allocs$`)

func TestInitialisationIsLazy(t *testing.T) {
	if testing.Short() {
		t.Skip("links the program")
	}
	program := filepath.Join(t.TempDir(), "bitcycle")
	run(t, ".", "go", "build", "-o", program, ".")
	c := exec.CommandContext(t.Context(), program, "version")
	c.Env = []string{"GODEBUG=inittrace=1"}
	var trace strings.Builder
	c.Stderr = &trace
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	sum, packages := 0, 0
	for line := range strings.Lines(trace.String()) {
		m := initLine.FindStringSubmatch(strings.TrimSpace(line))
		if m == nil {
			continue
		}
		packages++
		bytes, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		if most, ok := costly[m[1]]; ok {
			if bytes > most {
				t.Errorf("%s allocates %d bytes when the program starts: at most %d", m[1], bytes, most)
			}
			continue
		}
		if sum += bytes; bytes > mostOfOne {
			t.Errorf("%s allocates %d bytes when the program starts: at most %d", m[1], bytes, mostOfOne)
		}
	}
	if sum > mostOfAll || packages < 20 {
		t.Errorf("%d packages allocate %d bytes when the program starts: at most %d", packages, sum, mostOfAll)
	}
	t.Logf("%d packages, but for the costly ones, allocate %d bytes when the program starts", packages, sum)
}
