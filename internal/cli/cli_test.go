package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(withCache{m}, map[string]func(){
		"bitcycle": program,
	})
}

// withCache runs the tests with a cache of their own.
type withCache struct{ *testing.M }

func (m withCache) Run() int {
	folder, err := os.MkdirTemp("", "bitcycle-test-cache-")
	if err == nil {
		err = os.Setenv("XDG_CACHE_HOME", folder)
	}
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	return m.M.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, ".cache"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits},
	})
}

// exits runs a command that must end with a status: exits 2 bitcycle run -q magic.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	status := 0
	var exit *exec.ExitError
	switch err := ts.Exec(args[1], args[2:]...); {
	case errors.As(err, &exit):
		status = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if status != want {
		ts.Fatalf("exit status %d, want %d", status, want)
	}
}

type crashGrammar struct {
	globals
	Crash crashCmd `cmd:""`
}

type crashCmd struct{}

func (crashCmd) Run(*session) error { panic("a bound was wrong\nand more") }

// A panic is one line and exit status 3; -v adds the trace.
func TestPanicIsAnInternalError(t *testing.T) {
	for _, c := range []struct {
		args  []string
		trace bool
	}{{[]string{"crash"}, false}, {[]string{"crash", "-v"}, true}} {
		var g crashGrammar
		var out, errs bytes.Buffer
		if status := execute(&g, &g.globals, c.args, &out, &errs); status != exitInternal {
			t.Errorf("%v: status %d", c.args, status)
		}
		first, rest, _ := strings.Cut(errs.String(), "\n")
		if !strings.HasPrefix(first, "bitcycle: internal error: a bound was wrong; please report it") || !strings.Contains(first, "bitcycle "+strings.Join(c.args, " ")) {
			t.Errorf("%v said %q", c.args, first)
		}
		if got := strings.Contains(rest, "crashCmd.Run"); got != c.trace || rest != "" != c.trace {
			t.Errorf("%v: trace %q", c.args, rest)
		}
	}
}
