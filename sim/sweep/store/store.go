// Package store keeps the results of a sweep in a folder: an append-only file of
// checksummed records, one a point, that survives a crash at any moment, and beside it
// whatever is made of them at the end. One process writes a folder at a time.
//
// A record is JSON that begins with its point's id, {"id":"…32 hexadecimal digits…", what
// else it says is not looked at here.
package store

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"bitcycle/internal/files"
)

// Points is the name of the file of records.
const Points = "points.jsonl"

// Key is the id of a point.
type Key [16]byte

// Folder is a result folder that this process writes.
type Folder struct {
	Path string

	mu     sync.Mutex
	log    *files.Log
	places map[Key]place
	unlock func() error
}

// place is where a record's line lies.
type place struct {
	at     int64
	length int32
}

// Open makes the folder, or goes on with it: records that are there are kept, half of one
// at the end is dropped. It is an error if another process writes the folder.
func Open(path string) (*Folder, error) {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return nil, err
	}
	unlock, err := files.Lock(path)
	if err != nil {
		return nil, err
	}
	f := &Folder{Path: path, unlock: unlock, places: map[Key]place{}}
	f.log, err = f.read()
	if err != nil {
		return nil, errors.Join(err, unlock())
	}
	return f, nil
}

// Exists tells whether a folder holds records.
func Exists(path string) bool {
	_, err := os.Stat(filepath.Join(path, Points))
	return err == nil
}

// Each calls each with the records of a folder that others may write.
func Each(ctx context.Context, path string, each func(key Key, record []byte) error) error {
	return files.EachRecord(ctx, filepath.Join(path, Points), files.Data, func(record []byte) error {
		key, ok := KeyOf(record)
		if !ok {
			return errors.New("a record without an id")
		}
		return each(key, record)
	})
}

// lineLength is the length of the line that holds a record.
func lineLength(record []byte) int32 {
	const around = len(`{"crc32":"01234567","record":}` + "\n")
	return int32(around + len(record))
}

// KeyOf returns the id that a record begins with.
func KeyOf(record []byte) (key Key, ok bool) {
	rest, ok := bytes.CutPrefix(record, []byte(`{"id":"`))
	if !ok || len(rest) < 2*len(key)+1 || rest[2*len(key)] != '"' {
		return key, false
	}
	_, err := hex.Decode(key[:], rest[:2*len(key)])
	return key, err == nil
}

func (f *Folder) file(name string) string { return filepath.Join(f.Path, name) }

// Has tells whether there is a record of a point.
func (f *Folder) Has(key Key) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, ok := f.places[key]
	return ok
}

// Len is the number of points that have a record.
func (f *Folder) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.places)
}

// Get returns the record of a point, nil if there is none.
func (f *Folder) Get(key Key) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p, ok := f.places[key]
	if !ok {
		return nil, nil
	}
	return f.log.At(p.at, int(p.length))
}

// Append adds records. One whose point has a record already is left out: results are
// determined by what the point is, so it says the same.
func (f *Folder) Append(records [][]byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var lines []byte
	type fresh struct {
		key   Key
		start int
	}
	var list []fresh
	for _, record := range records {
		key, ok := KeyOf(record)
		if !ok {
			panic("store: a record without an id")
		}
		if _, known := f.places[key]; known {
			continue
		}
		list = append(list, fresh{key, len(lines)})
		lines = files.Seal(lines, record)
		f.places[key] = place{}
	}
	at, err := f.log.WriteSealed(lines)
	for i, one := range list {
		end := len(lines)
		if i+1 < len(list) {
			end = list[i+1].start
		}
		if f.places[one.key] = (place{at + int64(one.start), int32(end - one.start)}); err != nil {
			delete(f.places, one.key)
		}
	}
	return err
}

// Keys returns the ids of all records, ascending.
func (f *Folder) Keys() []Key {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sorted()
}

func (f *Folder) sorted() []Key {
	keys := make([]Key, 0, len(f.places))
	for k := range f.places {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b Key) int { return bytes.Compare(a[:], b[:]) })
	return keys
}

// Sort rewrites the records in the order of their ids, so that the file does not tell in
// which order points were finished, or by whom.
func (f *Folder) Sort() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	keys := f.sorted()
	if slices.IsSortedFunc(keys, func(a, b Key) int { return cmp.Compare(f.places[a].at, f.places[b].at) }) {
		return nil
	}
	err := f.Save(Points, func(w io.Writer) error {
		var line []byte
		for _, k := range keys {
			p := f.places[k]
			line = slices.Grow(line[:0], int(p.length))[:p.length]
			if err := f.log.Line(p.at, line); err != nil {
				return err
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.reopen()
}

// reopen goes on with the file that has taken the place of the old one.
func (f *Folder) reopen() error {
	err := f.log.Close()
	clear(f.places)
	if err == nil {
		f.log, err = f.read()
	}
	return err
}

// read opens the file of records and finds their places.
func (f *Folder) read() (*files.Log, error) {
	return files.OpenLogEach(f.file(Points), files.Data, func(at int64, record []byte) error {
		key, ok := KeyOf(record)
		if !ok {
			return fmt.Errorf("byte %d: a record without an id", at)
		}
		f.places[key] = place{at, lineLength(record)}
		return nil
	})
}

// Save writes another file of the folder, whole or not at all.
func (f *Folder) Save(name string, write func(io.Writer) error) error {
	return files.Write(f.file(name), func(w io.Writer) error {
		b := bufio.NewWriterSize(w, 1<<16)
		if err := write(b); err != nil {
			return err
		}
		return b.Flush()
	})
}

// Close makes the records last and lets others in.
func (f *Folder) Close() error {
	var err error
	if f.log != nil {
		err = f.log.Close()
	}
	return errors.Join(err, f.unlock())
}
