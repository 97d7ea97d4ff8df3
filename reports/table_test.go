package reports

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func sample() *Table {
	t := &Table{
		Title:   "sample",
		Columns: []Column{Text("layer", "layer"), Number("cycles", "cycles"), Scaled("energy_pj", "energy [µJ]", 1e6, 2), Percent("utilisation", "util [%]", 1)},
		Footer:  []any{"total", int64(30), 3.5e6, 0.25},
		Notes:   []string{"a note"},
	}
	t.Add("conv1", int64(10), 1.25e6, 0.5)
	t.Add("fc | out", int64(20), 2.25e6, math.NaN())
	return t
}

func TestWriteText(t *testing.T) {
	got := sample().String()
	want := strings.Join([]string{
		"sample",
		" layer     cycles  energy [µJ]  util [%]",
		"─────────────────────────────────────────",
		" conv1         10         1.25      50.0",
		" fc | out      20         2.25         –",
		"─────────────────────────────────────────",
		" total         30         3.50      25.0",
		"a note",
		"",
	}, "\n")
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWriteCSVHasFullPrecision(t *testing.T) {
	var b bytes.Buffer
	if err := sample().writeCSV(&b, nil); err != nil {
		t.Fatal(err)
	}
	want := "layer,cycles,energy_pj,utilisation\nconv1,10,1.25e+06,0.5\nfc | out,20,2.25e+06,\n"
	if b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestDocumentFormats(t *testing.T) {
	doc := &Document{Origin: Origin{Command: "test", Version: "v1", Seed: 1}, Tables: []*Table{sample()}, Assumptions: []string{"batch 1"}}
	for _, format := range Formats {
		var b bytes.Buffer
		if err := doc.Write(&b, Style{Format: format}); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		if format == "json" {
			var got struct {
				Schema int
				Result struct{ Rows []map[string]any }
			}
			if err := json.Unmarshal(b.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.Schema != SchemaVersion || len(got.Result.Rows) != 2 || got.Result.Rows[1]["utilisation"] != nil {
				t.Errorf("json = %s", b.String())
			}
		}
	}
	if err := doc.Write(&bytes.Buffer{}, Style{Format: "yaml"}); err == nil || !strings.Contains(err.Error(), "must be one of") {
		t.Errorf("unknown format: %v", err)
	}
}

func TestProseIsBrokenOnTerminalsOnly(t *testing.T) {
	table := Table{Columns: []Column{Prose("note", "note", 12), Number("n", "n")}}
	table.Add("ΣΔ beats the direct scheme, incomprehensibly so", 1)
	if text := table.String(); !strings.Contains(text, "\n ΣΔ beats the") || !strings.Contains(text, "\n direct") || !strings.Contains(text, "\n incomprehensibly") {
		t.Errorf("not broken between words:\n%s", text)
	}
	for _, format := range []string{"markdown", "csv", "latex"} {
		var b strings.Builder
		if err := (&Document{Tables: []*Table{&table}}).Write(&b, Style{Format: format}); err != nil || !strings.Contains(b.String(), "scheme, incomprehensibly so") {
			t.Errorf("%s: %v in\n%s", format, err, b.String())
		}
	}
}
