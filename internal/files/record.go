package files

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// SaveRecord writes a value as a file of one record, JSON with a checksum, whole or
// not at all.
func SaveRecord(path string, value any) error {
	record, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("%s: %w", Printable(path), err)
	}
	return Save(path, sealed(nil, record))
}

// LoadRecord reads what SaveRecord wrote into value, a pointer. Errors name the file.
func LoadRecord(ctx context.Context, path string, value any) error {
	text, err := Read(ctx, path, Data)
	if err != nil {
		return err
	}
	record, ok := unseal(bytes.TrimSuffix(text, []byte("\n")))
	if !ok {
		return fmt.Errorf("%s:%w", Printable(path), badRecord(1))
	}
	if err := json.Unmarshal(record, value); err != nil {
		return fmt.Errorf("%s: %w", Printable(path), err)
	}
	return nil
}

// sealed appends the line of a record: JSON without line breaks, with its checksum.
func sealed(dst, record []byte) []byte {
	dst = append(dst, recordStart...)
	dst = append(dst, checksum(record)...)
	dst = append(dst, recordMiddle...)
	dst = append(dst, record...)
	return append(dst, "}\n"...)
}

// Unseal returns the record of a line of [Seal] without its end, and whether its checksum
// is right.
func Unseal(line []byte) (record []byte, ok bool) { return unseal(line) }

// unseal returns the record of a line whose checksum is right.
func unseal(line []byte) (record []byte, ok bool) {
	const sum = 8
	head := len(recordStart) + sum + len(recordMiddle)
	if len(line) > head+1 && bytes.HasPrefix(line, []byte(recordStart)) && line[len(line)-1] == '}' {
		record = line[head : len(line)-1] // as sealed writes it
		if string(line[len(recordStart):][:sum]) == checksum(record) && string(line[len(recordStart)+sum:head]) == recordMiddle {
			return record, true
		}
	}
	var l struct {
		CRC32  string          `json:"crc32"`
		Record json.RawMessage `json:"record"`
	}
	if json.Unmarshal(line, &l) != nil || l.CRC32 != checksum(l.Record) {
		return nil, false
	}
	return l.Record, true
}
