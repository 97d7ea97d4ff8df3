package reports

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
	"pgregory.net/rapid"
)

// No line of any document is longer than the terminal is wide, and every number that
// the wide report shows in a column that is kept is shown whole.
func TestDocumentsFit(t *testing.T) {
	for name, doc := range documents() {
		for width := 60; width <= 200; width += 7 {
			var b strings.Builder
			if err := doc.Write(&b, Style{Format: "table", Width: width}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := displaywidth.String(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("%s at %d: %d characters: %s", name, width, n, line)
				}
			}
		}
	}
}

func randomTable(t *rapid.T) *Table {
	words := rapid.StringMatching(`[a-z0-9./_-]{1,24}( [a-z0-9]{1,12}){0,4}`)
	table := &Table{}
	for i := range rapid.IntRange(1, 9).Draw(t, "columns") {
		c := Number(fmt.Sprint("c", i), words.Draw(t, "head"))
		if c.Left = i == 0 || rapid.Bool().Draw(t, "text"); c.Left && rapid.Bool().Draw(t, "prose") {
			c.Wrap = rapid.IntRange(4, 30).Draw(t, "wrap")
		}
		c.Rank = rapid.IntRange(0, 3).Draw(t, "rank")
		table.Columns = append(table.Columns, c)
	}
	for range rapid.IntRange(0, 5).Draw(t, "rows") {
		var row []any
		for _, c := range table.Columns {
			if c.Left {
				row = append(row, words.Draw(t, "cell"))
			} else {
				row = append(row, rapid.IntRange(-1e9, 1e9).Draw(t, "number"))
			}
		}
		table.Add(row...)
	}
	return table
}

var blanks = regexp.MustCompile(`\s+`)

// A table that is drawn within a width keeps to it, loses no sign of any cell that it
// shows, and names every column that it does not show.
func TestTablesFit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table, width := randomTable(t), rapid.IntRange(40, 160).Draw(t, "width")
		widths, left := table.fitted(width)
		used := 0
		for i, w := range widths {
			c := &table.Columns[i]
			if w == 0 {
				if i == 0 || c.Rank >= Must {
					t.Fatalf("column %q is left out", c.Head)
				}
				continue
			}
			used += gap + w
			for _, row := range table.Rows {
				text := c.show(row[i])
				cell := wrap(text, w)
				if blanks.ReplaceAllString(cell, "") != blanks.ReplaceAllString(text, "") {
					t.Fatalf("%q became %q", text, cell)
				}
				if !c.Left && cell != text {
					t.Fatalf("number %s broken into %q", text, cell)
				}
				for _, line := range strings.Split(cell, "\n") {
					if displaywidth.String(line) > w {
						t.Fatalf("%q is wider than %d", line, w)
					}
				}
			}
		}
		if used > width {
			t.Fatalf("%d characters in %d", used, width)
		}
		shown := 0
		for _, w := range widths {
			if w > 0 {
				shown++
			}
		}
		if shown+len(left) != len(table.Columns) {
			t.Fatalf("%d columns shown, %d named, of %d", shown, len(left), len(table.Columns))
		}
	})
}

// Columns of low rank go first, the rightmost of equals, and only as many as must.
func TestFitLeavesOutByRank(t *testing.T) {
	number := func(rank int) measure { return measure{whole: 8, soft: 8, least: 8, rank: rank} }
	columns := []measure{number(0), number(5), number(1), number(1), number(Must)}
	for room, want := range map[int]string{50: "[8 8 8 8 8]", 49: "[8 8 8 0 8]", 39: "[8 8 0 0 8]", 29: "[8 0 0 0 8]", 12: "[8 0 0 0 8]"} {
		if got := fmt.Sprint(fit(columns, room)); got != want {
			t.Errorf("in %d characters: %s, want %s", room, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for _, c := range []struct {
		text  string
		width int
		want  string
	}{
		{"one two three", 8, "one two|three"},
		{"stage2.block1.shortcut.conv", 16, "stage2.block1.|shortcut.conv"},
		{"abcdefghijkl", 5, "abcde|fghij|kl"},
		{"an unbreakable-word", 8, "an|unbreaka|ble-word"},
		{"", 5, ""},
		{"×→µ ΣΔ", 3, "×→µ|ΣΔ"},
	} {
		if got := strings.ReplaceAll(wrap(c.text, c.width), "\n", "|"); got != c.want {
			t.Errorf("%q at %d: %q, want %q", c.text, c.width, got, c.want)
		}
	}
}

// What would steer a terminal is not written to it.
func TestControlsAreReplaced(t *testing.T) {
	doc := &Document{Title: "a\x1b[2J", Answer: []string{"b\x07"}, Tables: []*Table{{Columns: []Column{Text("k", "h\x1b")}, Rows: [][]any{{"c\x1b[31m"}}, Notes: []string{"n\x1b"}}}, Assumptions: []string{"d\r"}}
	var b strings.Builder
	if err := doc.Write(&b, Style{Format: "table", Width: 80}); err != nil || strings.ContainsAny(b.String(), "\x1b\x07\r") {
		t.Errorf("%v, %q", err, b.String())
	}
}
