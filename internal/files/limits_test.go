package files

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{"1": 1, "1000": 1000, "1KiB": 1024, "1.5MiB": 3 << 19, "8GiB": 8 << 30, "2GB": 2e9, "3M": 3 << 20} {
		if got, err := ParseSize(text); err != nil || got != want {
			t.Errorf("%s: %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "-1", "x", "1XB", "nan", "inf", "1e30", "1iB", "GiB"} {
		if got, err := ParseSize(text); err == nil {
			t.Errorf("%q: %d, want an error", text, got)
		}
	}
}

func TestLimits(t *testing.T) {
	defer func() {
		for i := range raised {
			raised[i].Store(0)
		}
	}()
	for _, c := range []struct {
		text                 string
		ok                   bool
		description, dataset int64
	}{
		{"data=8GiB", true, Description.Most, 8 << 30},
		{"data=1KiB", true, Description.Most, 1 << 10},
		{"2MiB", true, 2 << 20, 2 << 20},
		{"picture=1", false, 2 << 20, 2 << 20},
		{"data=", false, 2 << 20, 2 << 20},
	} {
		err := Limit(c.text)
		if (err == nil) != c.ok || Description.most() != c.description || Data.most() != c.dataset {
			t.Errorf("%s: %v, %d and %d", c.text, err, Description.most(), Data.most())
		}
	}
}

func TestFits(t *testing.T) {
	if half := Memory(); half < 1<<20 {
		t.Errorf("%d bytes are half of the memory", half)
	}
	was := Memory()
	memory.Store(1000)
	defer memory.Store(was)
	if err := Fits("it", 1000); err != nil {
		t.Error(err)
	}
	if err := Fits("it", 1e30); !errors.Is(err, ErrMemory) {
		t.Error(err)
	}
}

// Files name others below their own folder, those of the data folder each other, and any
// if it is allowed.
func TestBeside(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"in/a.toml", "in/deep/b.onnx", "out.onnx", "shared/data/networks/n.toml", "shared/data/models/m.onnx", "other/networks/n.toml", "other/models/m.onnx"} {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.Symlink("../out.onnx", filepath.Join(root, "in/link.onnx")), os.Symlink("deep/b.onnx", filepath.Join(root, "in/near.onnx"))); err != nil {
		t.Fatal(err)
	}
	t.Setenv("BITCYCLE_DATA", filepath.Join(root, "other"))
	for _, c := range []struct {
		by, name string
		ok       bool
	}{
		{"in/a.toml", "deep/b.onnx", true},
		{"in/a.toml", "absent.onnx", true}, // for the reader to say
		{"in/a.toml", "near.onnx", true},
		{"in/a.toml", "deep/../../out.onnx", false},
		{"in/a.toml", "../out.onnx", false},
		{"in/a.toml", "link.onnx", false},
		{"in/a.toml", filepath.Join(root, "in/deep/b.onnx"), true},
		{"in/a.toml", "/etc/passwd", false},
		{"shared/data/networks/n.toml", "../models/m.onnx", true},
		{"shared/data/networks/n.toml", "../../../out.onnx", false},
		{"other/networks/n.toml", "../models/m.onnx", true},
		{"in/a.toml", "../other/models/m.onnx", false},
	} {
		path, err := Beside(filepath.Join(root, c.by), c.name)
		if (err == nil) != c.ok || err != nil && !strings.Contains(err.Error(), "--allow-outside") {
			t.Errorf("%s names %s: %s, %v", c.by, c.name, path, err)
		}
	}
	AllowOutside(true)
	defer AllowOutside(false)
	if _, err := Beside(filepath.Join(root, "in/a.toml"), "../out.onnx"); err != nil {
		t.Error(err)
	}
}
