package tensors

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"bitcycle/internal/files"
	"bitcycle/internal/npy"
)

// eighthTypes are eight-bit floats, which the library does not know.
var eighthTypes = map[string]string{"F8_E4M3": npy.Float8E4M3, "F8_E5M2": npy.Float8E5M2}

// plain returns a file whose header ends at end with its eight-bit floats as bytes, and
// their types by name of the tensor. A file without any stays as it is.
func plain(data []byte, end int) ([]byte, map[string]string, error) {
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:end], &header); err != nil {
		return nil, nil, fmt.Errorf("safetensors header: %w", err)
	}
	eighths := map[string]string{}
	for name, text := range header {
		var t map[string]json.RawMessage
		var kind string
		if json.Unmarshal(text, &t) != nil || json.Unmarshal(t["dtype"], &kind) != nil || eighthTypes[kind] == "" || name == "__metadata__" {
			continue
		}
		t["dtype"] = json.RawMessage(`"U8"`)
		changed, err := json.Marshal(t)
		if err != nil {
			return nil, nil, fmt.Errorf("safetensors header: %s: %w", files.Printable(name), err)
		}
		header[name], eighths[name] = changed, eighthTypes[kind]
	}
	if len(eighths) == 0 {
		return data, nil, nil
	}
	text, err := json.Marshal(header)
	if err != nil {
		return nil, nil, fmt.Errorf("safetensors header: %w", err)
	}
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text, data[end:]), eighths, nil
}
