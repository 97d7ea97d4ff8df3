package dataset

import (
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCutSpan(t *testing.T) {
	for _, c := range []struct {
		set, base string
		r         span
		bad       bool
	}{
		{set: "glyphs", base: "glyphs", r: whole},
		{set: "glyphs[64:]", base: "glyphs", r: span{64, -1}},
		{set: "glyphs:test[:256]", base: "glyphs:test", r: span{0, 256}},
		{set: "npy:a[1].npy[10:20]", base: "npy:a[1].npy", r: span{10, 20}},
		{set: "npy:a[1].npy", base: "npy:a[1].npy", r: whole},
		{set: "glyphs[:]", base: "glyphs", r: whole},
		{set: "glyphs[5]", bad: true},
		{set: "glyphs[5:5]", bad: true},
		{set: "glyphs[9:5]", bad: true},
		{set: "glyphs[-1:]", bad: true},
		{set: "glyphs[:-1]", bad: true},
		{set: "glyphs[a:b]", bad: true},
	} {
		base, r, err := cutSpan(c.set)
		if (err != nil) != c.bad || err == nil && (base != c.base || r != c.r) {
			t.Errorf("cutSpan(%q) = %q, %v, %v: want %q, %v, error %v", c.set, base, r, err, c.base, c.r, c.bad)
		}
	}
}

// TestErrors checks that a bad set gives one line that names what is wrong.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("cut.bin.gz", gzipped(t, strings.Repeat("x", 20000))[:40])
	write("plain.bin.gz", "this is not a gzip stream")
	write("short.bin", "123")
	write("big.bin", "\x0a"+strings.Repeat("0", cifarRecord-1))
	write("bad/labels.csv", "file,label\na.png,0\nb.png,minus\n")
	write("head/labels.csv", "name,class\n")
	write("up/labels.csv", "file,label\n../a.png,0\n")
	write("gone/labels.csv", "file,label\na.png,0\n")
	write("text/labels.csv", "file,label\na.png,0\n")
	write("text/images/a.png", "text")
	write("empty/labels.csv", "file,label\n")
	write("idx/t10k-images-idx3-ubyte", "\x00\x00\x08\x03\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x02z")
	write("a.npy", "nonsense")
	for set, want := range map[string]string{
		"pictures:x":                       `no kind "pictures"`,
		"cifar10":                          "want cifar10:PATH",
		"cifar10:" + dir + "/none.bin":     "none.bin: no such file",
		"cifar10:" + dir + "/cut.bin.gz":   "cut.bin.gz: after",
		"cifar10:" + dir + "/plain.bin.gz": "plain.bin.gz: gzip",
		"cifar10:" + dir + "/short.bin":    "short.bin: 3 bytes",
		"cifar10:" + dir + "/big.bin":      "big.bin: record 0: label = 10",
		"images:" + dir + "/none":          "none/labels.csv: no such file",
		"images:" + dir + "/bad":           `labels.csv:3: label = "minus"`,
		"images:" + dir + "/head":          "labels.csv:1: columns",
		"images:" + dir + "/up":            `labels.csv:2: file = "../a.png"`,
		"images:" + dir + "/gone":          "a.png: no such file",
		"images:" + dir + "/text":          "a.png: image: unknown format",
		"images:" + dir + "/empty":         "set of 0 images",
		"mnist:" + dir + "/none":           "t10k-images-idx3-ubyte.gz: no such file",
		"mnist:" + dir + "/idx":            "2 elements in the header, 1 in the file",
		"mnist:" + dir + "/idx:valid":      `no split "valid"`,
		"npy:" + dir + "/a.npy":            "a.npy: not an npy file",
		"kws:" + dir:                       "*-features-int8-*.bin.gz: want one",
		"glyphs:valid":                     `no split "valid"`,
		"glyphs[:3000]":                    "range [0:3000] of a set of 2000 images",
		"glyphs[2000:]":                    "range [2000:2000] of a set of 2000 images",
	} {
		_, err := Load(set)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("Load(%q): %v: want one line with %q", set, err, want)
		}
	}
}

func TestLoadingEndsWithItsContext(t *testing.T) {
	path := filepath.Join(t.TempDir(), "one.bin")
	if err := os.WriteFile(path, make([]byte, cifarRecord), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := LoadContext(ctx, "cifar10:"+path); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func gzipped(t *testing.T, content string) string {
	t.Helper()
	var b strings.Builder
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestDataFolder(t *testing.T) {
	dir := t.TempDir()
	record := "\x03" + strings.Repeat("\x01", 1024) + strings.Repeat("\x02", 1024) + strings.Repeat("\x03", 1024)
	if err := os.WriteFile(filepath.Join(dir, "one.bin"), []byte(record), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BITCYCLE_DATA", dir)
	im, err := Load("cifar10:one.bin")
	if err != nil {
		t.Fatal(err)
	}
	if im.Name != "cifar10:one.bin" || im.Labels[0] != 3 || string(im.Pixels[:6]) != "\x01\x02\x03\x01\x02\x03" {
		t.Errorf("got %s, label %d, pixels % x", im.Name, im.Labels[0], im.Pixels[:6])
	}
}
