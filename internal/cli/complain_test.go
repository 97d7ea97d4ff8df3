package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

func TestComplain(t *testing.T) {
	many := func(n int) error {
		errs := make([]error, n)
		for i := range errs {
			errs[i] = fmt.Errorf("problem %d", i+1)
		}
		return errors.Join(errs...)
	}
	for _, c := range []struct {
		err         error
		lines       int
		first, last string
	}{
		{errors.New("a\x1b[2Jb\tµ\x9b\u009b\ufffd"), 1, "bitcycle: a\\x1b[2Jb\tµ\\x9b\\u009b\ufffd", ""},
		{errors.New(strings.Repeat("µ", 5000)), 1, "bitcycle: " + strings.Repeat("µ", 1000) + "…", ""},
		{many(20), 20, "bitcycle: problem 1", "bitcycle: problem 20"},
		{many(21), 21, "bitcycle: problem 1", "bitcycle: problem 21"},
		{many(8000), 21, "bitcycle: problem 1", "bitcycle: and 7980 more lines"},
	} {
		var b strings.Builder
		complain(&b, c.err)
		got := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
		if len(got) != c.lines || got[0] != c.first || c.last != "" && got[len(got)-1] != c.last {
			t.Errorf("%d lines, %q to %q, want %d, %q to %q", len(got), got[0], got[len(got)-1], c.lines, c.first, c.last)
		}
	}
}

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, exitDone},
		{errors.New("missed"), exitFailed},
		{input(errors.New("wrong")), exitUsage},
		{input(&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}), exitFailed},
		{input(fmt.Errorf("x: %w", syscall.EFBIG)), exitFailed},
		{input(fmt.Errorf("x: %w", syscall.EACCES)), exitUsage},
	} {
		var b strings.Builder
		if got := statusOf(c.err, &b); got != c.want {
			t.Errorf("%v: status %d, want %d", c.err, got, c.want)
		}
	}
}
