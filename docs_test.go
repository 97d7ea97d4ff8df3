package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	citation = regexp.MustCompile(`docs/([a-z-]+\.md), sections? ([0-9.]+)(?:(?:,| and) ([0-9.]+))?`)
	numbered = regexp.MustCompile(`(?m)^(?:#+ |\*\*)([0-9]+(?:\.[0-9]+)*)\.? `)
	link     = regexp.MustCompile(`\]\(([^)#:]+)(#[a-z0-9-]*)?\)`)
)

// sections lists the numbers of a page's headings and numbered paragraphs.
func sections(t *testing.T, page string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("docs", page))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, m := range numbered.FindAllStringSubmatch(string(text), -1) {
		found[m[1]] = true
	}
	return found
}

// Every section that a comment cites is there.
func TestCitedSectionsExist(t *testing.T) {
	pages, cited := map[string]map[string]bool{}, 0
	each(t, ".go", func(path, text string) {
		// a citation may be broken into two lines of a comment
		for _, m := range citation.FindAllStringSubmatch(strings.ReplaceAll(text, "\n// ", " "), -1) {
			if pages[m[1]] == nil {
				pages[m[1]] = sections(t, m[1])
			}
			for _, number := range m[2:] {
				if number = strings.TrimRight(number, "."); number != "" && !pages[m[1]][number] {
					t.Errorf("%s cites section %s of docs/%s, which has none", path, number, m[1])
				}
				cited++
			}
		}
	})
	if cited < 20 {
		t.Errorf("only %d citations found: the pattern misses them", cited)
	}
}

// Links between pages lead somewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	links := 0
	each(t, ".md", func(path, text string) {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			links++
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s: link to %s: %v", path, m[1], err)
			}
		}
	})
	if links < 5 {
		t.Errorf("only %d links found", links)
	}
}

// each visits the repository's files of an extension.
func each(t *testing.T, extension string, visit func(path, text string)) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() != "." && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(path) != extension:
			return nil
		}
		text, err := os.ReadFile(path)
		if err == nil {
			visit(path, string(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
