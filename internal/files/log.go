package files

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
)

// Log is a file of records that grows while a long run goes on: a line of JSON for
// each, with a checksum. One process writes it at a time, and what a crash leaves of
// a last record is dropped.
type Log struct {
	path string
	file *os.File
	end  int64 // of what is written
	bad  error // the first write that failed
}

func checksum(record []byte) string {
	sum := crc32.ChecksumIEEE(record)
	return hex.EncodeToString([]byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

// OpenLog opens a log, or begins one, and returns the records it holds, a line each.
// Errors name the file.
func OpenLog(path string) (log *Log, records []byte, err error) {
	log, err = OpenLogEach(path, Table, func(_ int64, record []byte) error {
		records = append(append(records, record...), '\n')
		return nil
	})
	return log, records, err
}

// OpenLogEach is OpenLog for more than memory may hold: each is called with every record
// and with where its line begins, see [Log.At]. The record is each's for the call alone.
func OpenLogEach(path string, kind Kind, each func(at int64, record []byte) error) (*Log, error) {
	if info, err := os.Stat(path); err == nil {
		if err := regular(info.Mode()); err != nil {
			return nil, named(path, err)
		}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, named(path, err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, named(path, err)
	}
	log := &Log{path: path, file: file}
	if err = lock(file); err == nil {
		err = log.read(kind, each)
	}
	var bad badRecord
	switch {
	case errors.As(err, &bad):
		return nil, errors.Join(fmt.Errorf("%s:%w", Printable(path), err), file.Close())
	case err != nil:
		return nil, errors.Join(named(path, err), file.Close())
	}
	return log, nil
}

// EachRecord calls each with every record of a log that may still be written by somebody
// else; what there is of a last one is left out. Errors name the file.
func EachRecord(ctx context.Context, path string, kind Kind, each func(record []byte) error) error {
	r, err := Open(ctx, path, kind)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = scanLog(r, func(_ int64, record []byte) error { return each(record) })
	var bad badRecord
	if errors.As(err, &bad) {
		return fmt.Errorf("%s:%w", Printable(path), err)
	}
	return named(path, err)
}

// read calls each and leaves the file at the end of the last whole record.
func (l *Log) read(kind Kind, each func(at int64, record []byte) error) error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	r := &Reader{ctx: context.Background(), kind: kind, most: kind.most(), file: l.file, in: l.file, size: info.Size()}
	if r.size > kind.most() {
		return r.tooLarge()
	}
	if l.end, err = scanLog(r, each); err != nil {
		return err
	}
	if err := l.file.Truncate(l.end); err != nil {
		return err
	}
	_, err = l.file.Seek(l.end, 0)
	return err
}

// scanLog calls each with the records of a text and returns where the last whole one
// ends.
func scanLog(r io.Reader, each func(at int64, record []byte) error) (end int64, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), maxLine)
	lines.Split(wholeLines)
	for n := 1; lines.Scan(); n++ {
		line := lines.Bytes()
		text, whole := bytes.CutSuffix(line, []byte("\n"))
		record, ok := unseal(text)
		if !whole || !ok {
			if !torn(text) || lines.Scan() {
				return 0, badRecord(n)
			}
			break
		}
		if err := each(end, record); err != nil {
			return 0, err
		}
		end += int64(len(line))
	}
	return end, lines.Err()
}

// wholeLines splits into lines with their ends.
func wholeLines(data []byte, atEOF bool) (advance int, token []byte, err error) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1, data[:i+1], nil
	}
	if atEOF && len(data) > 0 {
		return len(data), data, nil
	}
	return 0, nil, nil
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

const (
	recordStart  = `{"crc32":"`
	recordMiddle = `","record":`
)

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
	if _, err := l.write(sealed(nil, compact.Bytes())); err != nil {
		return 0, err
	}
	return len(record), nil
}

// write appends lines and returns where they begin.
func (l *Log) write(lines []byte) (at int64, err error) {
	if l.bad != nil {
		return 0, l.bad
	}
	at = l.end
	_, err = l.file.Write(lines)
	if l.bad = named(l.path, err); err != nil {
		return 0, l.bad
	}
	l.end += int64(len(lines))
	return at, nil
}

// WriteSealed appends lines that [Seal] has made, all at once, and returns where they
// begin.
func (l *Log) WriteSealed(lines []byte) (at int64, err error) { return l.write(lines) }

// Seal appends the line of a record to dst: JSON without line breaks, with its checksum.
func Seal(dst, record []byte) []byte { return sealed(dst, record) }

// At reads the record whose line of so many bytes begins there.
func (l *Log) At(at int64, length int) ([]byte, error) {
	line := make([]byte, length)
	if _, err := l.file.ReadAt(line, at); err != nil {
		return nil, named(l.path, err)
	}
	record, ok := unseal(bytes.TrimSuffix(line, []byte("\n")))
	if !ok {
		return nil, fmt.Errorf("%s: byte %d: not a record, or a damaged one", Printable(l.path), at)
	}
	return record, nil
}

// Line reads the line that [Log.At] reads, as it lies in the file.
func (l *Log) Line(at int64, line []byte) error {
	_, err := l.file.ReadAt(line, at)
	return named(l.path, err)
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
