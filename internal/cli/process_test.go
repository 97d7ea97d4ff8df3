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
	"time"
)

// peakFile is where the program leaves its peak memory, for tests of it.
const peakFile = "BITCYCLE_TEST_PEAK"

// program runs the command line as a process of its own.
func program() {
	status := Main(os.Args[1:], os.Stdout, os.Stderr)
	if name := os.Getenv(peakFile); name != "" {
		text, err := os.ReadFile("/proc/self/status")
		if err == nil {
			err = os.WriteFile(name, text, 0o644)
		}
		if err != nil {
			panic(err)
		}
	}
	os.Exit(status)
}

// process is a run of the program.
type process struct {
	status int
	out    string
	errs   string
	cpu    time.Duration
	peakKB int // 0 where the system does not tell
}

// prepared is the program as a command in a folder; home is one of its own.
func prepared(t *testing.T, folder string, args ...string) (cmd *exec.Cmd, home string) {
	t.Helper()
	home = t.TempDir()
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, filepath.Join(home, "bitcycle"))
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(filepath.Join(home, "bitcycle"), args...)
	cmd.Dir = folder
	return cmd, home
}

// start runs the program in a folder.
func start(t *testing.T, folder string, args ...string) process {
	t.Helper()
	cmd, home := prepared(t, folder, args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	cmd.Env = append(os.Environ(), peakFile+"="+filepath.Join(home, "peak"))
	timer := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	err := cmd.Run()
	timer.Stop()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	p := process{status: cmd.ProcessState.ExitCode(), out: out.String(), errs: errs.String(), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	text, _ := os.ReadFile(filepath.Join(home, "peak"))
	if _, rest, ok := strings.Cut(string(text), "VmHWM:"); ok {
		p.peakKB, _ = strconv.Atoi(strings.Fields(rest)[0])
	}
	return p
}
