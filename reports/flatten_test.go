package reports

import (
	"encoding/json"
	"testing"
)

// units are those that keys of an object's parts carry in files.
var units = map[string]string{"stalls": "_cycles", "energy": "_pj"}

// flatten lists the keys of a layer's JSON, those of its objects behind one another.
func flatten(t *testing.T, l LayerResult) []string {
	t.Helper()
	text, err := json.Marshal(l)
	if err != nil {
		t.Fatal(err)
	}
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for key, value := range object {
		parts, ok := value.(map[string]any)
		if !ok {
			keys = append(keys, key)
			continue
		}
		for part := range parts {
			name := key
			if key == "stalls" {
				name = "stall"
			}
			keys = append(keys, name+"_"+part+units[key])
		}
	}
	return keys
}
