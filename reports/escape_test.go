package reports

import (
	"encoding/csv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func written(t *rapid.T, doc *Document, format string) string {
	var b strings.Builder
	if err := doc.Write(&b, Style{Format: format}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func oneCell(text string) *Document {
	return &Document{Tables: []*Table{{Columns: []Column{Text("key", "head"), Number("n", "n")}, Rows: [][]any{{text, 7}}}}}
}

// Whatever a cell holds, a Markdown table keeps its columns and a LaTeX table its
// columns and braces, and CSV gives the text back.
func TestCellsKeepTheirColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ -~µ×→λ]{0,30}`).Draw(t, "text")
		doc := oneCell(text)
		for _, line := range strings.Split(strings.TrimSpace(written(t, doc, "markdown")), "\n") {
			if n := bare(line, '|'); n != 3 {
				t.Fatalf("markdown: %d bars in %q", n, line)
			}
		}
		tex := written(t, doc, "latex")
		for _, line := range strings.Split(tex, "\n") {
			if strings.HasSuffix(line, ` \\`) {
				if n := bare(line, '&'); n != 1 {
					t.Fatalf("latex: %d column signs in %q", n, line)
				}
			}
		}
		if bare(tex, '{') != bare(tex, '}') || bare(tex, '%') > 0 || bare(tex, '#') > 0 || bare(tex, '$')%2 != 0 {
			t.Fatalf("latex: not balanced: %s", tex)
		}
		rows, err := csv.NewReader(strings.NewReader(written(t, doc, "csv"))).ReadAll()
		if err != nil || len(rows) != 2 || rows[1][0] != text || rows[1][1] != "7" {
			t.Fatalf("csv: %v, %v", rows, err)
		}
	})
}

// bare counts a sign where no odd number of backslashes stands before it.
func bare(text string, sign byte) int {
	n, slashes := 0, 0
	for i := range len(text) {
		switch {
		case text[i] == '\\':
			slashes++
			continue
		case text[i] == sign && slashes%2 == 0:
			n++
		}
		slashes = 0
	}
	return n
}

func TestMarkdownEscapes(t *testing.T) {
	if got, want := markdown("a|b *c* _d_ <e> `f` [g](h) i[0]"), "a\\|b \\*c\\* \\_d\\_ &lt;e&gt; \\`f\\` [g]\\(h) i[0]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
