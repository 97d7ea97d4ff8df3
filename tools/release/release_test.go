package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The archive of this platform unpacks into a program that knows its version, with the
// licences beside it, and its checksum is right.
func TestRelease(t *testing.T) {
	platform := runtime.GOOS + "/" + runtime.GOARCH
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("builds the program as a release")
	}
	trim = nil // what is compiled already is linked again, no more
	out := t.TempDir()
	if err := release("../..", "v1.2.3", out, []string{platform}); err != nil {
		t.Fatal(err)
	}
	folder := "bitcycle-v1.2.3-" + strings.ReplaceAll(platform, "/", "-")
	text, err := os.ReadFile(filepath.Join(out, folder+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
	if want := fmt.Sprintf("%x  %s.tar.gz\n", sha256.Sum256(text), folder); err != nil || string(sums) != want {
		t.Errorf("checksums %q, %v, want %q", sums, err, want)
	}
	held := unpack(t, text, out)
	for _, name := range append([]string{"bitcycle", "bitcycle.1"}, beside...) {
		if held[folder+"/"+name] == 0 {
			t.Errorf("the archive has no %s", name)
		}
	}
	said, err := exec.Command(filepath.Join(out, folder, "bitcycle"), "--version").Output()
	if err != nil || string(said) != "bitcycle v1.2.3\n" {
		t.Errorf("the program says %q, %v", said, err)
	}
}

// unpack writes the files of an archive and returns their sizes.
func unpack(t *testing.T, archive []byte, into string) map[string]int64 {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(archive))
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]int64{}
	for r := tar.NewReader(z); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			return held
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(into, head.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err == nil {
			err = os.WriteFile(path, text, head.FileInfo().Mode())
		}
		if err != nil {
			t.Fatal(err)
		}
		held[head.Name] = head.Size
	}
}

// What no release can be is refused before anything is built.
func TestReleaseRefuses(t *testing.T) {
	for _, c := range []struct{ version, platform, want string }{
		{"1.2", "linux/amd64", "want one such as v1.2.3"},
		{"latest", "linux/amd64", "want one such as v1.2.3"},
	} {
		if err := release("../..", c.version, t.TempDir(), []string{c.platform}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// The same files give the same archives.
func TestArchivesAreTheSame(t *testing.T) {
	parts := []file{{"a/b", 0o755, []byte("x")}, {"a/c", 0o644, []byte("y")}}
	for _, pack := range []func([]file) ([]byte, error){tarred, zipped} {
		one, err := pack(parts)
		if err != nil {
			t.Fatal(err)
		}
		if two, err := pack(parts); err != nil || !bytes.Equal(one, two) {
			t.Errorf("archives differ: %v", err)
		}
	}
}
