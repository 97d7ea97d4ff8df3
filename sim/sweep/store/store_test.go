package store

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func record(n int) ([]byte, Key) {
	key := Key{byte(n * 37), byte(n)}
	return fmt.Appendf(nil, `{"id":"%s","n":%d}`, hex.EncodeToString(key[:]), n), key
}

// Whatever is written in whatever order and cut off wherever, what was whole is there
// again, and the finished file is the same.
func TestRecordsSurviveCrashes(t *testing.T) {
	folder := t.TempDir()
	run := 0
	whole := finish(t, filepath.Join(folder, "whole"), func(f *Folder) {
		for n := range 12 {
			add(t, f, n)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		run++
		path := filepath.Join(folder, fmt.Sprint(run))
		order := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(t, "order")
		n := rapid.IntRange(0, len(order)).Draw(t, "written")
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range order[:n] {
			add(t, f, k)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(path, Points))
		if err != nil {
			t.Fatal(err)
		}
		cut := rapid.IntRange(0, len(text)).Draw(t, "cut")
		if err := os.Truncate(filepath.Join(path, Points), int64(cut)); err != nil {
			t.Fatal(err)
		}
		left := bytes.Count(text[:cut], []byte("\n"))
		got := finish(t, path, func(f *Folder) {
			if f.Len() != left {
				t.Fatalf("%d records after a cut, want %d", f.Len(), left)
			}
			for i, k := range order {
				r, key := record(k)
				old, err := f.Get(key)
				if err != nil || (old != nil) != (i < left) || old != nil && !bytes.Equal(old, r) || f.Has(key) != (i < left) {
					t.Fatalf("record %d: %s, %v", k, old, err)
				}
				add(t, f, k)
			}
		})
		if !bytes.Equal(got, whole) {
			t.Fatalf("finished:\n%s\nwant\n%s", got, whole)
		}
	})
}

type fatal interface {
	Helper()
	Fatal(...any)
}

func add(t fatal, f *Folder, n int) {
	t.Helper()
	r, _ := record(n)
	if err := f.Append([][]byte{r, r}); err != nil {
		t.Fatal(err)
	}
}

// finish fills and sorts a folder and returns its records.
func finish(t fatal, path string, fill func(*Folder)) []byte {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	fill(f)
	if err := f.Sort(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(path, Points))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if !slices.IsSortedFunc(lines, func(a, b string) int { return strings.Compare(a[strings.Index(a, "id"):], b[strings.Index(b, "id"):]) }) {
		t.Fatal("not sorted:\n" + string(text))
	}
	return text
}

func TestDamageIsTold(t *testing.T) {
	path := t.TempDir()
	if err := os.WriteFile(filepath.Join(path, Points), []byte(`{"crc32":"00000000","record":{"id":""}}`+"\nmore\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "points.jsonl:1: not a record") {
		t.Errorf("damaged records give %v", err)
	}
}
