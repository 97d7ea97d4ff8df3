package files

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
)

// Log is a file of records that grows while a long run goes on: a line of JSON for
// each, with a checksum. One process writes it at a time, and what a crash leaves of
// a last record is dropped.
type Log struct {
	path string
	file *os.File
	bad  error // the first write that failed
}

func checksum(record []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(record)) }

// OpenLog opens a log, or begins one, and returns the records it holds, a line each.
// Errors name the file.
func OpenLog(path string) (log *Log, records []byte, err error) {
	if info, err := os.Stat(path); err == nil {
		if err := regular(info.Mode()); err != nil {
			return nil, nil, named(path, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, named(path, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, nil, named(path, err)
	}
	if err = lock(file); err == nil {
		records, err = readLog(file)
	}
	var bad badRecord
	switch {
	case errors.As(err, &bad):
		return nil, nil, errors.Join(fmt.Errorf("%s:%w", Printable(path), err), file.Close())
	case err != nil:
		return nil, nil, errors.Join(named(path, err), file.Close())
	}
	return &Log{path: path, file: file}, records, nil
}

// readLog returns the records and leaves the file at the end of the last whole one.
func readLog(file *os.File) ([]byte, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	r := &Reader{ctx: context.Background(), kind: Table, file: file, in: file, size: info.Size()}
	if r.size > Table.Most {
		return nil, r.tooLarge()
	}
	text, err := ReadAll(r, r.size)
	if err != nil {
		return nil, err
	}
	records, end, err := parseLog(text)
	if err != nil {
		return nil, err
	}
	if err := file.Truncate(end); err != nil {
		return nil, err
	}
	_, err = file.Seek(end, 0)
	return records, err
}

// parseLog returns the records of a text and where the last whole one ends.
func parseLog(text []byte) (records []byte, end int64, err error) {
	for n := 1; ; n++ {
		line, rest, whole := bytes.Cut(text[end:], []byte("\n"))
		if record, ok := unseal(line); whole && ok {
			records = append(append(records, record...), '\n')
			end += int64(len(line) + 1)
			continue
		}
		if len(rest) > 0 || !torn(line) {
			return nil, 0, badRecord(n)
		}
		return records, end, nil
	}
}

// badRecord is the number of a line that holds none.
type badRecord int

func (n badRecord) Error() string {
	return fmt.Sprintf("%d: not a record of a run that can go on, or a damaged one", int(n))
}

// torn tells what a crash leaves at the end: the beginning of a record, or the zeros
// of a block that was never written.
func torn(line []byte) bool {
	start := []byte(recordStart)
	short := min(len(line), len(start))
	return bytes.Equal(line[:short], start[:short]) || len(bytes.Trim(line, "\x00")) == 0
}

const recordStart = `{"crc32":"`

// Write appends a record, one value of JSON. After a write that failed, which may have
// left half of one, there are no further ones.
func (l *Log) Write(record []byte) (int, error) {
	if l.bad != nil {
		return 0, l.bad
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, record); err != nil {
		return 0, fmt.Errorf("%s: not a record: %w", Printable(l.path), err)
	}
	_, err := l.file.Write(sealed(compact.Bytes()))
	if l.bad = named(l.path, err); err != nil {
		return 0, l.bad
	}
	return len(record), nil
}

// Append appends records, a line each.
func (l *Log) Append(records []byte) error {
	for line := range bytes.Lines(records) {
		if _, err := l.Write(line); err != nil {
			return err
		}
	}
	return nil
}

// Close makes the records last and frees the file for others. It returns the first
// write that failed.
func (l *Log) Close() error {
	return errors.Join(l.bad, named(l.path, errors.Join(l.file.Sync(), l.file.Close())))
}
