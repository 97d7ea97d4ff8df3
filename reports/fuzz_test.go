package reports

import (
	"bytes"
	"testing"
)

// FuzzRead reads results and draws them in every format.
func FuzzRead(f *testing.F) {
	for _, doc := range documents() {
		doc.Origin = origin
		var b bytes.Buffer
		if err := doc.Write(&b, Style{Format: "json"}); err != nil {
			f.Fatal(err)
		}
		if b.Len() < 20_000 {
			f.Add(b.Bytes())
		}
	}
	for _, seed := range []string{
		"", "{}", "null", "[]", `{"schema":1}`, `{"schema":1,"result":{"tables":[null]}}`, `{"schema":1,"result":{"layers":[{}],"totals":null}}`,
		`{"schema":1,"command":"x","result":{"a":[{"b":1e308},{"b":"\u001b[2J"},{"c":[[]]}]},"charts":[{"kind":"curves","table":"a","axes":[{},{}]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Read("f.json", data)
		if err != nil {
			return
		}
		for _, format := range []string{"table", "csv", "json", "html"} {
			var b bytes.Buffer
			_ = doc.Write(&b, Style{Format: format, Width: 80})
		}
	})
}
