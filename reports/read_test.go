package reports

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

// drawnAgain writes a document as JSON and reads that.
func drawnAgain(t *testing.T, doc *Document) *Document {
	t.Helper()
	doc.Origin = origin
	again, err := Read("f.json", []byte(textOf(t, doc, Style{Format: "json"})))
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func textOf(t *testing.T, doc *Document, style Style) string {
	t.Helper()
	var b bytes.Buffer
	if err := doc.Write(&b, style); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A document that is read back from its JSON gives the same JSON; the same text, tables
// of files and pictures where its tables are those of the JSON.
func TestStoredDocumentsAreDrawnAgain(t *testing.T) {
	peopleAlone := map[string]bool{"lut": true} // its table has a row a layer, files one a pair of widths
	for name, doc := range documents() {
		t.Run(name, func(t *testing.T) {
			again := drawnAgain(t, doc)
			for _, style := range []Style{{Format: "json"}, {Format: "table", Width: 80}, {Format: "table", Width: 150}, {Format: "markdown"}, {Format: "latex"}, {Format: "csv"}} {
				if style.Format != "json" && peopleAlone[name] {
					continue
				}
				want, got := textOf(t, doc, style), textOf(t, again, style)
				if style.Format == "csv" {
					want, got = sameNumbers(want), sameNumbers(got)
				}
				if got != want {
					t.Errorf("%s: drawn again:\n%s\nwas:\n%s", style.Format, got, want)
				}
			}
			if len(again.Charts) != len(doc.Charts) {
				t.Errorf("%d pictures, had %d", len(again.Charts), len(doc.Charts))
			}
		})
	}
}

// sameNumbers writes whole numbers with an exponent as they are without.
func sameNumbers(csv string) string {
	return regexp.MustCompile(`[0-9.]+e\+[0-9]+`).ReplaceAllStringFunc(csv, func(text string) string {
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return text
		}
		return strconv.FormatFloat(x, 'f', -1, 64)
	})
}

// What is no result is refused, with what is wrong and where.
func TestOtherFilesAreNoResults(t *testing.T) {
	for text, want := range map[string]string{
		"":             "no JSON",
		"a,b\n1,2\n":   "f.json:1:1: no JSON",
		"{\n \"a\" 1,": "f.json:2:6: no JSON",
		"[1]":          "no result of bitcycle",
		"3":            "no result of bitcycle",
		"{}":           "keys schema, command, version and result",
		`{"schema":1,"version":"v","command":"c"}`:                                                                          "keys schema, command, version and result",
		`{"schema":99,"version":"v","command":"c","result":{}}`:                                                             "schema = 99: this bitcycle reads schemas up to 1",
		`{"schema":"1","version":"v","command":"c","result":{}}`:                                                            "schema is a string",
		`{"schema":1,"version":"v","command":"c","result":{}}`:                                                              "result: holds no table",
		`{"schema":1,"version":"v","command":"c","result":"text"}`:                                                          "result: holds no table",
		`{"schema":1,"version":"v","command":"c","result":{"layers":[{"cycles":"many"}],"totals":{},"figures":{}}}`:         "result: layers.cycles is a string",
		`{"schema":1,"version":"v","command":"c","result":{"frontend":"f","rows":[],"costs":[{"precoder":"p"}]}}`:           "costs[0] has no stages",
		`{"schema":1,"version":"v","command":"c","result":{"rows":[{"a":1}]},"charts":[{"kind":"<script>","table":"rows"}]`: "no JSON",
	} {
		if _, err := Read("f.json", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// Results side by side keep what each says, have a row each among the common figures,
// and are drawn again from their own JSON.
func TestTogether(t *testing.T) {
	docs := documents()
	var parts []Stored
	for _, name := range []string{"run", "cost", "compare", "mimo", "mimo", "sensitivity"} {
		docs[name].Origin = origin
		parts = append(parts, Stored{name, docs[name]})
	}
	doc := Together(parts)
	doc.Origin = origin
	names := doc.TableNames()
	for _, want := range []string{"figures", "rates", "layers", "results", "run-layers", "cost-energy", "compare-compare", "mimo-rates", "mimo-2-rates", "sensitivity-sensitivity"} {
		if !slices.Contains(names, want) {
			t.Errorf("no table %s in %q", want, names)
		}
	}
	figures := doc.named("figures")
	var rows [][]any
	figures.each(func(get func(string) any) {
		rows = append(rows, []any{get("result"), get("method"), get("latency_per_image_s"), get("speedup"), get("top1")})
	})
	first := 983.84e-6 / 16
	if len(rows) != 6 || !slices.Equal(rows[0], []any{"run", "uniform:w=4,a=4", first, 1., 0.95}) || !slices.Equal(rows[1], []any{"cost", "uniform:w=4,a=4", first, 1., nil}) ||
		!slices.Equal(rows[3], []any{"compare", "uniform:w=4,a=4", 1e-3, first / 1e-3, 0.95}) {
		t.Errorf("common figures %v", rows)
	}
	layers := doc.named("layers")
	if len(layers.Columns) != 3 || len(layers.Rows) != 3 || layers.Rows[1][1] != 327.92e-6 || layers.Rows[1][2] != 327.92e-6 {
		t.Errorf("layers %v", layers.Rows)
	}
	if rates := doc.named("rates"); len(rates.Rows) != 8 || rates.Rows[7][0] != "mimo-2" {
		t.Errorf("rates %v", rates)
	}
	for _, c := range doc.Charts {
		if !slices.Contains(names, c.Table) {
			t.Errorf("picture %q of table %q, which is not there", c.Title, c.Table)
		}
	}
	again := drawnAgain(t, doc)
	for _, style := range []Style{{Format: "json"}, {Format: "table", Width: 80}} {
		if want, got := textOf(t, doc, style), textOf(t, again, style); got != want {
			t.Errorf("%s: drawn again:\n%s\nwas:\n%s", style.Format, got, want)
		}
	}
	for line := range strings.Lines(textOf(t, doc, Style{Format: "table", Width: 80})) {
		if n := displaywidth.String(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d characters: %s", n, line)
		}
	}
}

// Names, widths and pictures of a foreign document do no harm to files and pages.
func TestStoredDocumentsAreTame(t *testing.T) {
	text := `{"schema":1,"version":"v","command":"<i>c</i>","title":"<script>1</script>","result":{"name":"../../x","title":"<b>","columns":[{"key":"a","head":"a","unit":2,"decimals":1000000000,"wrap":-5},{"key":"b","head":"b","digits":-3,"unit":1}],"rows":[{"a":3,"b":4.5},{"a":{"c":[1]}}]},
		"charts":[{"kind":"<script>","title":"x","table":"x","label":["a"],"axes":[{"key":"a"},{"key":"b"}]},{"kind":"points","table":"x","label":["a"],"axes":[{"key":"a"}]},{"kind":"points","table":"elsewhere","label":["a"],"axes":[{"key":"a"},{"key":"b"}]},{"kind":"stack","table":"x","label":["a"],"axes":[{"key":"none"}]}]}`
	doc, err := Read("f.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if names := doc.TableNames(); len(names) != 1 || names[0] != "x" {
		t.Errorf("tables %q", names)
	}
	if len(doc.Charts) != 1 || doc.Charts[0].Kind != "points" || doc.Charts[0].Table != "x" {
		t.Errorf("charts %+v", doc.Charts)
	}
	page := textOf(t, doc, Style{Format: "html"})
	if strings.Contains(page, "<script>1") || strings.Contains(page, "<b>") || strings.Contains(page, "<i>") {
		t.Error("the page has what the document says as it is")
	}
	if text := textOf(t, doc, Style{Format: "table", Width: 80}); !strings.Contains(text, "1.50000000000000000") || !strings.Contains(text, `{"c":[1]}`) {
		t.Error(text)
	}
}
