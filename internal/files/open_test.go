//go:build unix

package files

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var small = Kind{"a test", "x", 1000}

// both are the two ways in.
var both = map[string]func(context.Context, string, Kind) ([]byte, error){"plain": Read, "packed": ReadPacked}

func gzipped(t testing.TB, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestRefused checks that what is no regular file is refused by what it is, at once
// and without reading.
func TestRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := syscall.Mkfifo("pipe", 0o644); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("unix", "socket")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	for link, to := range map[string]string{"zero": "/dev/zero", "loop": "loop", "lost": "nowhere", "way": "pipe"} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	put(t, "large", make([]byte, 1001))
	put(t, "plain.gz", []byte("text"))
	for path, want := range map[string]string{
		".": ".: is a directory: want a file", "pipe": "pipe: is a pipe: want a regular file", "way": "way: is a pipe",
		"socket": "socket: is a socket", "/dev/zero": "/dev/zero: is a device", "zero": "zero: is a device",
		"loop": "loop: too many levels of symbolic links", "lost": "lost: no such file or directory", "": ": no such file",
		"large": "large: larger than 1000 bytes, the most that is read of a test", "a\x1b[2J": `"a\x1b[2J": no such file`,
	} {
		for way, read := range both {
			started := time.Now()
			if _, err := read(t.Context(), path, small); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("%s, %s: %v, want %s", path, way, err, want)
			}
			if took := time.Since(started); took > time.Second {
				t.Errorf("%s, %s: refused after %v", path, way, took)
			}
		}
	}
	if _, err := Read(t.Context(), "lost", small); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file is not told apart: %v", err)
	}
	if _, err := ReadPacked(t.Context(), "plain.gz", small); err == nil || err.Error() != "plain.gz: gzip: invalid header" {
		t.Errorf("not gzipped: %v", err)
	}
}

func TestReadsWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SliceOfN(rapid.Byte(), 0, 1000).Draw(t, "content")
		path := filepath.Join(folder, rapid.SampledFrom([]string{"a", "a.gz"}).Draw(t, "name"))
		packed := rapid.Bool().Draw(t, "packed")
		stored := content
		if packed {
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			z.Write(content)
			z.Close()
			stored = b.Bytes()
		}
		if err := os.WriteFile(path, stored, 0o644); err != nil {
			t.Fatal(err)
		}
		magic := bytes.HasPrefix(stored, []byte{0x1f, 0x8b})
		got, err := ReadPacked(context.Background(), path, small)
		if wrong := !packed && (magic || strings.HasSuffix(path, ".gz")); wrong {
			if err == nil {
				t.Fatalf("read %x as gzipped", stored)
			}
			return
		}
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%x: got %x, %v", content, got, err)
		}
	})
}

func TestRewind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	for _, stored := range [][]byte{[]byte("text"), gzipped(t, []byte("text"))} {
		put(t, path, stored)
		r, err := OpenPacked(t.Context(), path, small)
		if err != nil {
			t.Fatal(err)
		}
		for range 300 { // more than the limit in all
			got, err := io.ReadAll(r)
			if string(got) != "text" || err != nil {
				t.Fatalf("%q, %v", got, err)
			}
			if err := r.Rewind(); err != nil {
				t.Fatal(err)
			}
		}
		r.Close()
	}
}

// TestUnpackingIsBounded reads bombs: ones that say how large they are, and ones
// that lie in their last four bytes.
func TestUnpackingIsBounded(t *testing.T) {
	bomb := gzipped(t, make([]byte, 200<<20))
	liar := append(bytes.Clone(bomb[:len(bomb)-4]), 1, 0, 0, 0)
	path := filepath.Join(t.TempDir(), "bomb")
	for name, c := range map[string]struct {
		stored []byte
		kind   Kind
		want   string
	}{
		"bomb":        {bomb, Data, "a decompression bomb is not read"},
		"liar":        {liar, Data, "a decompression bomb is not read"},
		"small limit": {liar, small, "larger than 1000 bytes"},
		"two members": {append(bytes.Clone(bomb), gzipped(t, []byte("x"))...), Data, "a decompression bomb is not read"},
		"cut":         {gzipped(t, []byte("some text"))[:20], small, "after "},
	} {
		put(t, path, c.stored)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadPacked(t.Context(), path, c.kind)
		runtime.ReadMemStats(&after)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", name, err, c.want)
		}
		if used := after.Sys - before.Sys; used > 200<<20 {
			t.Errorf("%s: took %s", name, Size(int64(used)))
		}
	}
	// What real data do is read: 40 MiB of which one in a hundred is not zero.
	honest, rng := make([]byte, 40<<20), rand.New(rand.NewPCG(1, 2))
	for range len(honest) / 100 {
		honest[rng.IntN(len(honest))] = byte(rng.Uint32())
	}
	put(t, path, gzipped(t, honest))
	if got, err := ReadPacked(t.Context(), path, Data); err != nil || !bytes.Equal(got, honest) {
		t.Errorf("honest data: %d bytes, %v", len(got), err)
	}
}

func TestFolder(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(root, "sub", "a"), []byte("text"))
	folder := Folder(root)
	if got, err := fs.ReadFile(folder, "sub/a"); err != nil || string(got) != "text" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := folder.Open("sub/b"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a missing file: %v", err)
	}
	for _, name := range []string{"sub", "../a", "/etc/passwd"} {
		if _, err := folder.Open(name); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
}

// A file that grows while it is read stays bounded.
func TestGrowingFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	put(t, path, make([]byte, 900))
	r, err := Open(t.Context(), path, small)
	if err != nil {
		t.Fatal(err)
	}
	put(t, path, make([]byte, 5000))
	if _, err := r.all(path); err == nil || !strings.Contains(err.Error(), "larger than 1000 bytes") {
		t.Errorf("error %v", err)
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	put(t, path, make([]byte, 100))
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Open(ctx, path, small)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := r.Read(make([]byte, 10)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if _, err := Open(ctx, path, small); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 bytes", 1023: "1023 bytes", 1024: "1 KiB", 1 << 20: "1 MiB", 3 << 29: "1.5 GiB"} {
		if got := Size(bytes); got != want {
			t.Errorf("%d: %s, want %s", bytes, got, want)
		}
	}
}
