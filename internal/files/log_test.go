//go:build unix

package files

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// open opens a log that must be sound.
func reopen(t testing.TB, path string) (*Log, string) {
	t.Helper()
	log, records, err := OpenLog(path)
	if err != nil {
		t.Fatal(err)
	}
	return log, string(records)
}

// TestLogSurvivesCrashes writes records, cuts the file anywhere, as a crash does, and
// goes on: what was whole is still there, in order, and what follows too.
func TestLogSurvivesCrashes(t *testing.T) {
	folder := t.TempDir()
	run := 0
	rapid.Check(t, func(t *rapid.T) {
		run++
		path := filepath.Join(folder, fmt.Sprint(run))
		n := rapid.IntRange(0, 5).Draw(t, "records")
		log, _, err := OpenLog(path)
		if err != nil {
			t.Fatal(err)
		}
		ends := []int64{0} // of the records in the file
		var want []string
		for i := range n {
			record := fmt.Sprintf(`{"n":%d,"text":"<&>\u2028"}`, i)
			if _, err := log.Write([]byte(record + "\n")); err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			ends, want = append(ends, info.Size()), append(want, record+"\n")
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		cut := rapid.Int64Range(0, ends[n]).Draw(t, "cut")
		if err := os.Truncate(path, cut); err != nil {
			t.Fatal(err)
		}
		whole := 0
		for whole < n && ends[whole+1] <= cut {
			whole++
		}
		log, records, err := OpenLog(path)
		if err != nil || string(records) != strings.Join(want[:whole], "") {
			t.Fatalf("after %d bytes: %q, %v, want %q", cut, records, err, want[:whole])
		}
		if err := errors.Join(log.Append([]byte("1\n2\n")), log.Close()); err != nil {
			t.Fatal(err)
		}
		log, records, err = OpenLog(path)
		if err != nil || string(records) != strings.Join(want[:whole], "")+"1\n2\n" {
			t.Fatalf("going on: %q, %v", records, err)
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestDamagedLogs(t *testing.T) {
	t.Chdir(t.TempDir())
	log, _ := reopen(t, "log")
	if err := errors.Join(log.Append([]byte("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n")), log.Close()); err != nil {
		t.Fatal(err)
	}
	sound, err := os.ReadFile("log")
	if err != nil {
		t.Fatal(err)
	}
	damage := func(from, to string) []byte { return bytes.Replace(sound, []byte(from), []byte(to), 1) }
	for want, text := range map[string][]byte{
		"log:2: not a record":    damage(`"a":2`, `"a":9`),
		"log:1: not a record":    []byte("{\"stop\":{}}\n{\"stop\":{}}\n"),
		"log:1: not a record of": []byte("somebody's text"), // not what a crash leaves
		"log:4: not a record":    append(bytes.Clone(sound), "more\n"...),
	} {
		put(t, "log", text)
		if _, _, err := OpenLog("log"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
		if got := content(t, "log"); got != string(text) {
			t.Errorf("a damaged log was changed to %q", got)
		}
	}
	// The last record may be damaged by the crash that ended the run.
	for _, text := range [][]byte{damage(`"a":3`, `"a":4`), append(bytes.Clone(sound), make([]byte, 50)...)} {
		put(t, "log", text)
		log, records := reopen(t, "log")
		if !strings.HasPrefix(records, "{\"a\":1}\n{\"a\":2}\n") {
			t.Errorf("records %q", records)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := syscall.Mkfifo("pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"pipe": "pipe: is a pipe", ".": ".: is a directory", "/dev/null": "/dev/null: is a device", "no/log": "no/log: no such file"} {
		if _, _, err := OpenLog(path); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// A write that fails is told then and at the end, even to who does not listen, and
// leaves a log that can be read.
func TestFullLog(t *testing.T) {
	t.Chdir(t.TempDir())
	log, _ := reopen(t, "log")
	long := "\"" + strings.Repeat("x", 3000) + "\""
	undo := limit(t, 4096)
	for range 3 {
		fmt.Fprintln(log, long)
	}
	err := log.Close()
	undo()
	if err == nil || err.Error() != "log: file too large" {
		t.Errorf("error %v", err)
	}
	log, records := reopen(t, "log")
	if records != long+"\n" {
		t.Errorf("%d bytes are left", len(records))
	}
	if _, err := log.Write([]byte("{")); err == nil || !strings.HasPrefix(err.Error(), "log: not a record") {
		t.Errorf("half a record: %v", err)
	}
	if err := log.Close(); err != nil {
		t.Error(err)
	}
}

// TestOneWriter starts a second process on what a first one holds, a log or a lock: it is
// refused and told by whom.
func TestOneWriter(t *testing.T) {
	hold := map[string]func(path string) (release func() error, err error){
		"log": func(path string) (func() error, error) {
			log, _, err := OpenLog(path)
			if err != nil {
				return nil, err
			}
			return log.Close, nil
		},
		"lock": Lock,
	}
	if path := os.Getenv("FILES_TEST_HOLD"); path != "" {
		_, err := hold[filepath.Base(path)](path)
		fmt.Println(err)
		return
	}
	folder := t.TempDir()
	for kind, take := range hold {
		path := filepath.Join(folder, kind)
		second := func() string {
			child := exec.Command(os.Args[0], "-test.run=^TestOneWriter$")
			child.Env = append(os.Environ(), "FILES_TEST_HOLD="+path)
			out, err := child.Output()
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(out), "\n")
			return first
		}
		for range 2 { // the second time after a process that ended without releasing
			release, err := take(path)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := second(), fmt.Sprintf("%s: process %d is writing it", path, os.Getpid()); got != want {
				t.Errorf("a second process: %q, want %q", got, want)
			}
			if err := release(); err != nil {
				t.Fatal(err)
			}
			if got := second(); got != "<nil>" {
				t.Errorf("%s afterwards: %q", kind, got)
			}
		}
	}
	release, err := Lock(filepath.Join(folder, "lock"))
	if err == nil {
		err = release()
	}
	if list := names(t, folder); err != nil || len(list) != 1 || list[0] != "log" {
		t.Errorf("a released lock left %v, %v", list, err)
	}
	if _, err := Lock(filepath.Join(folder, "no", "where")); err == nil || !strings.Contains(err.Error(), "no such file or directory") {
		t.Errorf("no folder: %v", err)
	}
}

// TestRecords damages a file of one record in every byte: nobody reads it as sound.
func TestRecords(t *testing.T) {
	path := filepath.Join(t.TempDir(), "part.json")
	type part struct {
		Name   string
		Values []float64
	}
	want := part{"<&>", []float64{1, 0.1, -2e300}}
	if err := SaveRecord(path, want); err != nil {
		t.Fatal(err)
	}
	var got part
	if err := LoadRecord(t.Context(), path, &got); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("got %v, %v", got, err)
	}
	sound := []byte(content(t, path))
	for at := range len(sound) - 1 {
		damaged := bytes.Clone(sound)
		damaged[at] ^= 1
		put(t, path, damaged)
		if err := LoadRecord(t.Context(), path, &got); err == nil || !strings.HasPrefix(err.Error(), path+":1: not a record") {
			t.Errorf("byte %d: %v", at, err)
		}
	}
	for _, text := range []string{"", "{}", `{"Name":"x"}`} {
		put(t, path, []byte(text))
		if err := LoadRecord(t.Context(), path, &got); err == nil {
			t.Errorf("%q was read", text)
		}
	}
	if err := SaveRecord(path, func() {}); err == nil || content(t, path) == "" {
		t.Errorf("what is no JSON: %v", err)
	}
}
