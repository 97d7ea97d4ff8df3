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
	mostOfAll = 256 << 10
)

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
		if sum += bytes; bytes > mostOfOne {
			t.Errorf("%s allocates %d bytes when the program starts: at most %d", m[1], bytes, mostOfOne)
		}
	}
	if sum > mostOfAll || packages < 20 {
		t.Errorf("%d packages allocate %d bytes when the program starts: at most %d", packages, sum, mostOfAll)
	}
	t.Logf("%d packages allocate %d bytes when the program starts", packages, sum)
}
