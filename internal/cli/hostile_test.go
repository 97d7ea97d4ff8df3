//go:build unix

package cli

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"

	"bitcycle/internal/npy/npytest"
)

// refused checks that a run ends with status 2 and one clear line (or so many), within
// a second of CPU and 200 MB.
func refused(t *testing.T, folder string, lines int, want string, args ...string) {
	t.Helper()
	p := start(t, folder, args...)
	name := strings.Join(args, " ")
	if p.status != exitUsage || !strings.Contains(p.errs, want) || strings.Count(p.errs, "\n") != lines || !strings.HasPrefix(p.errs, "bitcycle: ") {
		t.Errorf("%s: status %d, want 2 and %d line(s) with %q:\n%.2000s", name, p.status, lines, want, p.errs)
	}
	if strings.Contains(p.errs, "goroutine ") || strings.ContainsFunc(p.errs, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) || p.out != "" {
		t.Errorf("%s: said %q and %q", name, p.errs, p.out)
	}
	if p.cpu > time.Second || p.peakKB > 200_000 {
		t.Errorf("%s: took %v and %d kB", name, p.cpu, p.peakKB)
	}
}

// readers are the ways into the program, with FILE for a file of that ending.
var readers = []string{
	"run -w FILE.toml", "run -w FILE.csv", "run -m FILE.toml", "run -m FILE.cfg", "compare -m FILE.toml",
	"run -n FILE.toml --data glyphs[:9] --calib glyphs:calib[:9]", "run -n FILE.onnx --data glyphs[:9] --calib glyphs:calib[:9]",
	"run -q policy:FILE.toml", "run -q onnx:FILE.onnx",
	"run -q bcgd:epochs=1,data=glyphs:train[:64],checkpoint=FILE.safetensors --data glyphs[:9]", "run -q bcgd:epochs=1,data=glyphs:train[:64],start=FILE.safetensors --data glyphs[:9]",
	"run --data cifar10:FILE.bin", "run --data npy:FILE.npy", "run --calib npy:FILE.npy", "run --data images:FILE.images", "run --data mnist:FILE.mnist",
	"quantize lplr --matrix FILE.csv", "quantize lplr --matrix FILE.npy", "quantize lplr --matrix FILE.npz", "quantize lplr --matrix FILE.safetensors",
	"quantize lplr --matrix FILE.png", "quantize lplr --matrix FILE.jpg", "quantize rff --table FILE.csv", "quantize rff --table FILE.npy",
	"quantize rff --table FILE.libsvm", "quantize rff --table FILE.idx", "mimo -m FILE.toml", "mimo --resume FILE.jsonl --snr 5 --blocks 4",
	"run -n FILE.bin", "check FILE.bin", "sweep FILE.toml", "check FILE.toml", "check FILE.onnx", "check FILE.lplr", "show FILE.toml",
}

// TestNoRegularFile gives every reader a pipe that nobody writes, an endless device and a
// directory.
func TestNoRegularFile(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program a hundred times")
	}
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	make := map[string]func(path string) error{
		"pipe":      func(path string) error { return syscall.Mkfifo(path, 0o644) },
		"device":    func(path string) error { return os.Symlink("/dev/zero", path) },
		"directory": func(path string) error { return os.Mkdir(path, 0o755) },
	}
	for what, create := range make {
		for _, reader := range readers {
			file := reader[strings.Index(reader, "FILE"):]
			file = what + strings.TrimPrefix(strings.FieldsFunc(file, func(r rune) bool { return r == ' ' || r == ',' })[0], "FILE")
			path := at(file)
			switch filepath.Ext(file) {
			case ".images":
				path = at(file + "/labels.csv")
			case ".mnist":
				path = at(file + "/t10k-images-idx3-ubyte")
			}
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := create(path); err != nil && !errors.Is(err, os.ErrExist) {
				t.Fatal(err)
			}
			want := "is a " + what
			if what == "directory" && strings.Contains(reader, "--table") { // may be that of MNIST's files
				want = "file does not exist"
			}
			refused(t, folder, 1, want, strings.Fields(strings.ReplaceAll(reader, "FILE", what))...)
		}
	}
}

// zipped is content under a gzip header.
func zipped(content []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(content)
	z.Close()
	return b.Bytes()
}

// archived is an archive of one array.
func archived(t *testing.T, array []byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("a.npy")
	if err == nil {
		_, err = w.Write(array)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// promising is a safetensors file whose header speaks of more than it holds.
func promising(header string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
}

// whitePicture is a large PNG of one colour, a few kilobytes.
func whitePicture(t *testing.T) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewPaletted(image.Rect(0, 0, 8000, 7000), color.Palette{color.White})); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestHostileContent gives readers files that promise more than they hold, unpack to more
// than they are, or hold what is no number.
func TestHostileContent(t *testing.T) {
	if testing.Short() {
		t.Skip("starts the program many times")
	}
	folder := t.TempDir()
	put := func(name string, content []byte) {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, content, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	zeros := make([]byte, 100<<20)
	bomb := zipped(zeros)
	nan := float32(math.NaN())
	picture := whitePicture(t)
	for _, c := range []struct {
		name    string
		content []byte
		args    string
		want    string
	}{
		{"nan.csv", []byte("1,2,3\n4,nan,6\n"), "quantize lplr --matrix nan.csv", "nan.csv:2: column 2"},
		{"inf.csv", []byte("1,2,3\n4,inf,6\n"), "quantize lplr --matrix inf.csv --rank 1", "inf.csv:2: column 2"},
		{"nan.npy", npytest.File(t, []float32{1, nan}, 1, 2), "quantize lplr --matrix nan.npy", "element [0 1] = NaN"},
		{"nan.npy", npytest.File(t, []float32{1, nan}, 1, 2), "quantize rff --table nan.npy", "element [0 1] = NaN"},
		{"nan.npy", npytest.File(t, []float32{1, nan}, 1, 2), "run --data npy:nan.npy", "element [0 1] = NaN"},
		{"large.npy", npytest.File(t, []float64{1e308, 1e308, 1e308, 1e308}, 2, 2), "quantize lplr --matrix large.npy", "too large"},
		{"more.npy", npytest.Raw("<f4", false, []int{1 << 20, 1 << 20}, make([]byte, 64)), "quantize lplr --matrix more.npy", "the file has 64"},
		{"more.npy", npytest.Raw("<f4", false, []int{1 << 20, 1 << 20}, make([]byte, 64)), "run --data npy:more.npy", "the file has 64"},
		{"wrap.npy", npytest.Raw("<f8", true, []int{1 << 31, 1 << 31, 4}, make([]byte, 64)), "quantize rff --table wrap.npy", "more elements than there can be"},
		{"more.npz", archived(t, npytest.Raw("<f4", false, []int{1 << 30}, make([]byte, 64))), "quantize lplr --matrix more.npz", "takes 4294967296 bytes"},
		{"bomb.npz", archived(t, npytest.Raw("|u1", false, []int{100 << 20}, zeros)), "quantize lplr --matrix bomb.npz", "decompression bomb"},
		{"wrap.safetensors", promising(`{"w":{"dtype":"U8","shape":[18446744073709551532],"data_offsets":[0,18446744073709551532]}}`), "quantize lplr --matrix wrap.safetensors", "w: bytes 0 to"},
		{"more.safetensors", append(binary.LittleEndian.AppendUint64(nil, 1<<40), 0), "quantize lplr --matrix more.safetensors", "a header of 1099511627776 bytes"},
		{"nan.safetensors", append(promising(`{"w":{"dtype":"BF16","shape":[1,1],"data_offsets":[0,2]}}`), 0xc0, 0x7f), "quantize lplr --matrix nan.safetensors", "w: element [0 0] = NaN"},
		{"white.png", picture, "quantize lplr --matrix white.png", "8000×7000 pixels"},
		{"p/images/a.png", picture, "", ""},
		{"p/labels.csv", []byte("file,label\na.png,0\n"), "run --data images:p", "8000×7000 pixels"},
		{"bomb.bin.gz", bomb, "run --data cifar10:bomb.bin.gz", "decompression bomb"},
		{"m/t10k-images-idx3-ubyte.gz", zipped(append([]byte("\x00\x00\x08\x03\x00\x01\x90\x00\x00\x00\x00\x20\x00\x00\x00\x20"), zeros...)), "run --data mnist:m", "decompression bomb"},
		{"bomb.npy.gz", zipped(npytest.Raw("|u1", false, []int{100 << 20, 1}, zeros)), "run --data npy:bomb.npy.gz", "decompression bomb"},
		{"bomb.csv.gz", zipped(bytes.Repeat([]byte("1,2\n"), 25<<20)), "quantize rff --table bomb.csv.gz", "decompression bomb"},
		{"nul.csv", []byte("1,2\n3,\x004\n"), "quantize lplr --matrix nul.csv", "a NUL byte"},
		{"nan.lplr", nil, "", ""},
		{"esc.toml", []byte("name = \"x\\u001b[31m\"\n[[op]]\nname = \"a\"\nkind = \"matmul\"\nm = 1\nk = 1\n"), "run -w esc.toml", "esc.toml:1:8: name"},
		{"esc.toml", []byte("\"a\\u001b]0;hi\\u0007\" = 1\n"), "run -w esc.toml", "esc.toml:1: no key"},
		{"e.csv", []byte("file,label\n\"\x1b[2J\",0\n"), "run --data images:\x1b[2J", `"\x1b[2J/labels.csv": no such file`},
		{"dotted.toml", []byte("a" + strings.Repeat(".a", 10_000) + " = 1\n"), "check dotted.toml", "nested deeper"},
		{"nested.toml", []byte("a = " + strings.Repeat("[", 100_000)), "run -w nested.toml", "nested deeper"},
		{"two.jsonl", []byte("{\"stop\":{\"channels\":16},\"state\":{}}{\"stop\"\n{}\n"), "mimo --resume two.jsonl --snr 5 --blocks 4", "two.jsonl:1: not a record"},
		{"cut.safetensors", []byte("nonsense"), "run -q bcgd:epochs=1,data=glyphs:train[:64],checkpoint=cut.safetensors --data glyphs[:9]", "checkpoint cut.safetensors"},
	} {
		if c.content != nil {
			put(c.name, c.content)
		}
		if c.args != "" {
			refused(t, folder, 1, c.want, strings.Fields(c.args)...)
		}
	}
}

// TestSparseFiles gives readers gigabytes of holes: none is read to its end to be refused.
func TestSparseFiles(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct{ name, args, want string }{
		{"a.toml", "check a.toml", "larger than 16 MiB"},
		{"a.csv", "run -w a.csv", "larger than 16 MiB"},
		{"a.csv", "quantize lplr --matrix a.csv", "larger than 1 GiB"},
		{"a.npy", "quantize lplr --matrix a.npy", "not an npy file"},
		{"a.npz", "quantize lplr --matrix a.npz", "not a valid zip file"},
		{"a.safetensors", "quantize lplr --matrix a.safetensors", "safetensors header"},
		{"a.png", "quantize lplr --matrix a.png", "unknown format"},
		{"a.idx", "quantize rff --table a.idx", "not an IDX file"},
		{"m/t10k-images-idx3-ubyte", "run --data mnist:m", "magic 00 00 00 00"},
		{"a.npy", "run --data npy:a.npy", "not an npy file"},
		{"a.jsonl", "mimo --resume a.jsonl --snr 5 --blocks 4", "larger than 1 GiB"},
	} {
		path := filepath.Join(folder, c.name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644), os.Truncate(path, 3<<30)); err != nil {
			t.Fatal(err)
		}
		refused(t, folder, 1, c.want, strings.Fields(c.args)...)
	}
}

// TestManyProblems shows twenty of thousands of wrong keys, whatever reads them.
func TestManyProblems(t *testing.T) {
	folder := t.TempDir()
	var text strings.Builder
	for i := range 8000 {
		fmt.Fprintf(&text, "key%d = %d\n", i, i)
	}
	for name, head := range map[string]string{"w.toml": "op = []\n", "p.toml": "layer = []\n", "n.toml": "onnx = 'x'\n", "m.toml": "engine = 'systolic'\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(head+text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		refused(t, folder, 21, "and 7980 more problems", "check", name)
	}
}

// TestOutputsThatCannotBe writes reports and artifacts where they find no room, or none
// at all: what was there stays.
func TestOutputsThatCannotBe(t *testing.T) {
	folder := t.TempDir()
	old := filepath.Join(folder, "old.toml")
	if err := os.WriteFile(old, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(folder, "folder.txt"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args   string
		status int
		want   string
	}{
		{"list machines --format csv --out /dev/full", exitFailed, "/dev/full: no space left on device"},
		{"show haq-bismo-cloud --out /dev/full", exitFailed, "/dev/full: no space left on device"},
		{"list machines --out no/where.txt", exitUsage, "no such file or directory"},
		{"list machines --out folder.txt", exitUsage, "folder.txt: is a directory"},
		{"show haq-bismo-cloud --out old.toml/x", exitUsage, "not a directory"},
		{"quantize uniform --save old.toml/x.toml --calib glyphs:calib[:8]", exitUsage, "not a directory"},
	} {
		if p := start(t, folder, strings.Fields(c.args)...); p.status != c.status || !strings.Contains(p.errs, c.want) || strings.Count(p.errs, "\n") != 1 {
			t.Errorf("%s: status %d, said %q, want %d and %q", c.args, p.status, p.errs, c.status, c.want)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestOneRunAtATime starts a second run on a resume file that a first one holds.
func TestOneRunAtATime(t *testing.T) {
	folder := t.TempDir()
	kept, err := openResumable("mimo", filepath.Join(folder, "kept.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	refused(t, folder, 1, fmt.Sprintf("kept.jsonl: process %d is writing it", os.Getpid()), "mimo", "--resume", "kept.jsonl", "--snr", "5", "--blocks", "4")
	if err := kept.log.Close(); err != nil {
		t.Fatal(err)
	}
}
