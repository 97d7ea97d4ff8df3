package files

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzLog reads logs of records: what is read is JSON whose checksum is right, and lies
// before the end that is kept.
func FuzzLog(f *testing.F) {
	one := Seal(nil, []byte(`{"a":1}`))
	two := Seal(one, []byte(`{"b":[1,2]}`))
	for _, seed := range [][]byte{
		nil, one, two, two[:len(two)-5], append(bytes.Clone(one), 0, 0, 0), bytes.Replace(two, []byte("1"), []byte("2"), 1),
		[]byte("{}\n"), []byte(`{"crc32":"00000000","record":}` + "\n"), []byte(`{"crc32":"` + "\n\n"), []byte("\x1b[2J\n"),
		[]byte(`{"record":{"a":1},"crc32":"` + checksum([]byte(`{"a":1}`)) + "\"}\n"), append(bytes.Clone(one[:9]), two...),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var last int64
		end, err := scanLog(bytes.NewReader(data), func(at int64, record []byte) error {
			if at < last || !json.Valid(record) {
				t.Errorf("record %q at %d", record, at)
			}
			last = at
			return nil
		})
		if err == nil && (end < last || end > int64(len(data))) {
			t.Errorf("ends at %d of %d bytes", end, len(data))
		}
	})
}
