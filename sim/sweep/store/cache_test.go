package store

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func cached(t *testing.T, path string) *Cache {
	t.Helper()
	c, err := OpenCache(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What was kept is found by another one, several writers at a time lose nothing, and
// damage costs what it hits alone.
func TestCacheFindsWhatWasKept(t *testing.T) {
	path, bucket := CacheFolder(t.TempDir(), "1"), Key{1}
	var group sync.WaitGroup
	for w := range 4 {
		c := cached(t, path)
		group.Go(func() {
			for n := range 50 {
				r, _ := record(w*50 + n)
				c.Add(bucket, [][]byte{r})
			}
		})
	}
	group.Wait()
	c := cached(t, path)
	for n := range 200 {
		r, key := record(n)
		if got := c.Find(bucket, key); !bytes.Equal(got, r) {
			t.Fatalf("record %d is %s, want %s", n, got, r)
		}
	}
	if len(c.Bucket(bucket)) != 200 || c.Find(Key{2}, Key{}) != nil {
		t.Errorf("%d records, want 200", len(c.Bucket(bucket)))
	}
	file := filepath.Join(path, hex.EncodeToString(bucket[:])+".jsonl")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines[3][20] ^= 1
	if err := os.WriteFile(file, append(bytes.Join(lines, nil), `{"crc32":"0`...), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := len(cached(t, path).Bucket(bucket)); got != 199 {
		t.Errorf("%d records after damage of one, want 199", got)
	}
	var nobody *Cache
	nobody.Add(bucket, [][]byte{lines[0]})
	nobody.Keep(bucket, 1)
	if nobody.Find(bucket, bucket) != nil || nobody.Load(t.Context(), bucket, nil) || nobody.Bucket(bucket) != nil {
		t.Error("no cache finds something")
	}
	nobody.Close()
}

func TestCacheKeepsValues(t *testing.T) {
	c := cached(t, CacheFolder(t.TempDir(), "1"))
	var got []float64
	if c.Load(t.Context(), Key{1}, &got) {
		t.Error("found before it was kept")
	}
	c.Keep(Key{1}, []float64{0.1, 2})
	if !c.Load(t.Context(), Key{1}, &got) || fmt.Sprint(got) != "[0.1 2]" {
		t.Errorf("found %v", got)
	}
}

// A cache that is too large loses its oldest files, and files of others stay.
func TestCacheShrinks(t *testing.T) {
	folder := t.TempDir()
	c := cached(t, CacheFolder(folder, "1"))
	for n := range 5 {
		c.Keep(Key{byte(n)}, make([]int, 100))
		when := time.Now().Add(time.Duration(n-5) * time.Hour)
		if err := os.Chtimes(c.file(Key{byte(n)}, ".json"), when, when); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"mine.json", "model-1/mine.json", "model-1/notes.jsonl"} {
		if err := os.WriteFile(filepath.Join(folder, name), make([]byte, 4000), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shrink(folder, 600)
	for n := range 5 {
		var x []int
		if there := c.Load(t.Context(), Key{byte(n)}, &x); there != (n >= 3) {
			t.Errorf("file %d is there: %t", n, there)
		}
	}
	for _, name := range []string{"mine.json", "model-1/mine.json", "model-1/notes.jsonl"} {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Error(err)
		}
	}
}
