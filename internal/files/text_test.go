package files

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{"": "", "a": "a", "ab": "ab", "a,b\n1,2\n": "a,b\n1,2\n", "\ufeffa,b": "a,b", "\ufeff": "", "a\ufeff": "a\ufeff"} {
		for _, r := range []io.Reader{strings.NewReader(in), iotest.OneByteReader(strings.NewReader(in)), iotest.DataErrReader(strings.NewReader(in))} {
			if got, err := io.ReadAll(Text(r)); err != nil || string(got) != want {
				t.Errorf("%q: %q, %v", in, got, err)
			}
		}
	}
	for want, r := range map[string]io.Reader{
		"line 1: a NUL byte: want text": strings.NewReader("\x00"), "line 3: a NUL byte: want text": strings.NewReader("a\nb\nc\x00"),
		"line 2: longer than 64 MiB": io.MultiReader(strings.NewReader("a\n"), strings.NewReader(strings.Repeat("1", maxLine+2))),
		"broken":                     io.MultiReader(strings.NewReader("a"), iotest.ErrReader(errors.New("broken"))),
	} {
		in := Text(r)
		for range 2 { // an error stays
			if _, err := io.ReadAll(in); err == nil || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	}
	long := strings.Repeat(strings.Repeat("1", 1<<20)+"\n", 70)
	if n, err := io.Copy(io.Discard, Text(strings.NewReader(long))); err != nil || n != int64(len(long)) {
		t.Errorf("short lines of a long text: %d, %v", n, err)
	}
}
