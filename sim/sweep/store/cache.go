package store

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"bitcycle/internal/files"
)

// Cache keeps what sweeps have found out for others that ask the same: records of points
// in buckets, a file each, and values by themselves. Any number of processes may use a
// folder at a time. What cannot be read counts as not there, and what cannot be written is
// left out: a cache changes how long a sweep takes, never what it says. nil keeps nothing.
type Cache struct {
	path string

	mu    sync.Mutex
	grown bool
	open  map[Key]map[Key][]byte // buckets that were read
}

// The bytes that a bucket and a whole cache may have: a bucket that is full is begun anew,
// of a cache that is too large the files that nobody has written for longest go.
const (
	mostBucket = 64 << 20
	mostCache  = 1 << 30
)

// OpenCache is a cache in a folder, which is made if it is not there.
func OpenCache(path string) (*Cache, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	return &Cache{path: path, open: map[Key]map[Key][]byte{}}, nil
}

func (c *Cache) file(key Key, extension string) string {
	return filepath.Join(c.path, hex.EncodeToString(key[:])+extension)
}

// Find returns the record of a point, nil if there is none.
func (c *Cache) Find(bucket, key Key) []byte {
	if c == nil {
		return nil
	}
	return c.bucket(bucket)[key]
}

// Bucket returns all records of a bucket.
func (c *Cache) Bucket(bucket Key) [][]byte {
	if c == nil {
		return nil
	}
	records := c.bucket(bucket)
	list := make([][]byte, 0, len(records))
	for _, r := range records {
		list = append(list, r)
	}
	slices.SortFunc(list, bytes.Compare)
	return list
}

// bucket reads the file of a bucket once.
func (c *Cache) bucket(bucket Key) map[Key][]byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	records, read := c.open[bucket]
	if !read {
		records = readBucket(c.file(bucket, ".jsonl"))
		c.open[bucket] = records
	}
	return records
}

func readBucket(path string) map[Key][]byte {
	records := map[Key][]byte{}
	file, err := files.Open(context.Background(), path, files.Table)
	if err != nil {
		return records
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, 1<<16)
	for {
		line, err := lines.ReadBytes('\n')
		if record, ok := files.Unseal(bytes.TrimSuffix(line, []byte("\n"))); ok {
			if key, ok := KeyOf(record); ok {
				records[key] = record
			}
		}
		if err != nil {
			return records
		}
	}
}

// Add keeps records of points in a bucket.
func (c *Cache) Add(bucket Key, records [][]byte) {
	if c == nil || len(records) == 0 {
		return
	}
	var lines []byte
	for _, r := range records {
		lines = files.Seal(lines, r)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.grown = true
	path := c.file(bucket, ".jsonl")
	if info, err := os.Stat(path); err == nil && info.Size() > mostBucket && os.Remove(path) != nil {
		return
	}
	if files.Append(path, lines) != nil {
		return
	}
	if known := c.open[bucket]; known != nil {
		for _, r := range records {
			if key, ok := KeyOf(r); ok {
				known[key] = bytes.Clone(r)
			}
		}
	}
}

// Load reads the value of a key into value, a pointer, and tells whether it was there.
func (c *Cache) Load(ctx context.Context, key Key, value any) bool {
	return c != nil && files.LoadRecord(ctx, c.file(key, ".json"), value) == nil
}

// Keep keeps a value under a key.
func (c *Cache) Keep(key Key, value any) {
	if c == nil {
		return
	}
	c.mu.Lock()
	c.grown = true
	c.mu.Unlock()
	_ = files.SaveRecord(c.file(key, ".json"), value) // without it, it is found out again
}

// Close brings the cache to its size, together with those of other models beside it.
func (c *Cache) Close() {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.grown {
		shrink(filepath.Dir(c.path), mostCache)
	}
	clear(c.open)
}

// CacheFolder is the folder below a cache's own for results of one kind, such as those of
// one version of the models.
func CacheFolder(path, kind string) string { return filepath.Join(path, cachePrefix+kind) }

const cachePrefix = "model-"

// shrink removes files of caches below a folder, the oldest first, until they have at most
// so many bytes. What has another name than a cache gives is nobody's business.
func shrink(folder string, most int64) {
	type one struct {
		path string
		info fs.FileInfo
	}
	var list []one
	var sum int64
	paths, err := filepath.Glob(filepath.Join(folder, cachePrefix+"*", strings.Repeat("[0-9a-f]", 2*len(Key{}))+".json*"))
	if err != nil {
		return
	}
	for _, path := range paths {
		if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
			list, sum = append(list, one{path, info}), sum+info.Size()
		}
	}
	slices.SortFunc(list, func(a, b one) int { return a.info.ModTime().Compare(b.info.ModTime()) })
	for _, f := range list {
		if sum <= most {
			return
		}
		if os.Remove(f.path) == nil {
			sum -= f.info.Size()
		}
	}
}
