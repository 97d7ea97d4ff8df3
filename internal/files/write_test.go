//go:build unix

package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// names lists a folder.
func names(t testing.TB, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range entries {
		list = append(list, e.Name())
	}
	return list
}

// content of a file, "" if there is none.
func content(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(text)
}

// limit sets the largest file that the process may write.
func limit(t *testing.T, bytes uint64) (undo func()) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	low := old
	low.Cur = bytes
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &low); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWholeOrNotAtAll writes in random pieces, some of which fail, over files that
// are or are not there: afterwards there is the new content or the old, and nothing
// beside it.
func TestWholeOrNotAtAll(t *testing.T) {
	root := t.TempDir()
	broken := errors.New("broken")
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		folder := filepath.Join(root, fmt.Sprint(run))
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, "out")
		old := rapid.SampledFrom([]string{"", "old content"}).Draw(t, "old")
		if old != "" {
			if err := os.WriteFile(path, []byte(old), 0o640); err != nil {
				t.Fatal(err)
			}
		}
		pieces := rapid.SliceOfN(rapid.StringN(0, 20, 40), 0, 5).Draw(t, "pieces")
		fails := rapid.IntRange(0, 2*len(pieces)+1).Draw(t, "fails before piece")
		err := Write(path, func(w io.Writer) error {
			for i, piece := range pieces {
				if i == fails {
					return broken
				}
				if _, err := io.WriteString(w, piece); err != nil {
					return err
				}
			}
			return nil
		})
		want := strings.Join(pieces, "")
		if fails < len(pieces) {
			want = old
			if !errors.Is(err, broken) {
				t.Fatalf("error %v", err)
			}
		} else if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil && !(old == "" && fails < len(pieces)) || string(text) != want {
			t.Fatalf("holds %q, %v, want %q", text, err, want)
		}
		entries, err := os.ReadDir(folder)
		if err != nil || len(entries) > 1 {
			t.Fatalf("left behind: %v, %v", entries, err)
		}
		if old != "" {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
				t.Fatalf("permissions %v, %v", info.Mode(), err)
			}
		}
	})
}

// TestFullDisk hits a limit on the size of files in the middle of writing. Whether
// the writer passes the error on or not, the old content stays and the error comes.
func TestFullDisk(t *testing.T) {
	t.Chdir(t.TempDir())
	put(t, "out", []byte("old"))
	for name, write := range map[string]func(io.Writer) error{
		"told":      func(w io.Writer) error { _, err := w.Write(make([]byte, 10000)); return err },
		"swallowed": func(w io.Writer) error { fmt.Fprint(w, strings.Repeat("x", 10000)); return nil },
		"replaced":  func(w io.Writer) error { w.Write(make([]byte, 10000)); return errors.New("something else") },
	} {
		for _, path := range []string{"out", "new"} {
			undo := limit(t, 4096)
			err := Write(path, write)
			undo()
			if err == nil || err.Error() != path+": file too large" {
				t.Errorf("%s, %s: error %v", name, path, err)
			}
		}
		if got := content(t, "out"); got != "old" || len(names(t, ".")) != 1 {
			t.Errorf("%s: holds %q, beside %v", name, got, names(t, "."))
		}
	}
}

func TestClosedWithoutCommit(t *testing.T) {
	t.Chdir(t.TempDir())
	a, err := Create("out")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Write([]byte("text")); err != nil {
		t.Fatal(err)
	}
	if list := names(t, "."); len(list) != 1 || list[0] == "out" {
		t.Errorf("while writing: %v", list)
	}
	if err := errors.Join(a.Close(), a.Close()); err != nil || len(names(t, ".")) != 0 {
		t.Errorf("left %v, %v", names(t, "."), err)
	}
	if a, err = Create("out"); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(a.Commit(), a.Close()); err != nil || content(t, "out") != "" || len(names(t, ".")) != 1 {
		t.Errorf("committed: %v, %v", names(t, "."), err)
	}
}

// Devices and pipes are written, not replaced; links stay links.
func TestWhatIsNotReplaced(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := Save("/dev/null", []byte("text")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode()&os.ModeDevice == 0 {
		t.Fatalf("/dev/null is %v, %v", info.Mode(), err)
	}
	if err := Save("/dev/full", []byte("text")); err == nil || err.Error() != "/dev/full: no space left on device" {
		t.Errorf("/dev/full: %v", err)
	}
	if err := syscall.Mkfifo("pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Save("pipe", []byte("text")); err == nil || err.Error() != "pipe: nobody reads this pipe" {
		t.Errorf("pipe: %v", err)
	}
	got := make(chan string)
	reader, err := os.OpenFile("pipe", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	long := strings.Repeat("long text ", 100_000) // more than a pipe holds
	go func() {
		text := make([]byte, len(long))
		_, err := io.ReadFull(reader, text)
		got <- string(text) + fmt.Sprint(err)
	}()
	if err := Save("pipe", []byte(long)); err != nil || <-got != long+"<nil>" {
		t.Errorf("a pipe that is read: %v", err)
	}
	for link, to := range map[string]string{"link": "there", "new": "made"} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	put(t, "there", []byte("old"))
	for link, to := range map[string]string{"link": "there", "new": "made"} {
		if err := Save(link, []byte("new")); err != nil || content(t, to) != "new" {
			t.Errorf("%s: %s holds %q, %v", link, to, content(t, to), err)
		}
		if at, err := os.Readlink(link); at != to {
			t.Errorf("%s is no link any more: %v", link, err)
		}
	}
	for path, want := range map[string]string{
		".": ".: is a directory: want a file", "none/out": "none/out: no such file or directory", "there/out": "there/out: not a directory",
	} {
		if err := Save(path, nil); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

// TestKilledWhileWriting kills a process that writes the same file over and over:
// the file is always one that it finished.
func TestKilledWhileWriting(t *testing.T) {
	if path := os.Getenv("FILES_TEST_WRITE"); path != "" {
		for i := byte(1); ; i++ {
			if err := Save(path, bytes.Repeat([]byte{'a' + i%26}, 1<<20)); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "out")
	for round := range 5 {
		put(t, path, bytes.Repeat([]byte{'A'}, 1<<20))
		child := exec.Command(os.Args[0], "-test.run=^TestKilledWhileWriting$")
		child.Env = append(os.Environ(), "FILES_TEST_WRITE="+path)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(20+17*round) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait()
		text := content(t, path)
		if len(text) != 1<<20 || text != strings.Repeat(text[:1], 1<<20) {
			t.Errorf("%d bytes, starting %.10q", len(text), text)
		}
	}
}
