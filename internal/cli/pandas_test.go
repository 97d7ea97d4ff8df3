package cli

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// blocks returns the fenced blocks of a page by their kinds.
func blocks(page string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile("(?s)```(\\w+)\n(.*?)```\n").FindAllStringSubmatch(page, -1) {
		out[m[1]] = m[2]
	}
	return out
}

// python returns an interpreter that has pandas; "" for none.
func python() string {
	for _, path := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(path, "-c", "import pandas").Run() == nil {
			return path
		}
	}
	return ""
}

// shapeOf is a text without its figures, which move with the models.
func shapeOf(text string) string {
	text = regexp.MustCompile(`[0-9]+\.[0-9]+`).ReplaceAllString(text, "#")
	return regexp.MustCompile(` +`).ReplaceAllString(text, " ")
}

// The example of docs/files.md runs as it stands and says what the page says, but for
// the figures; -update rewrites them.
func TestPandasExample(t *testing.T) {
	interpreter := python()
	if interpreter == "" {
		t.Skip("no python3 with pandas (Debian's python3-pandas)")
	}
	path, err := filepath.Abs("../../docs/files.md")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	of := blocks(string(page))
	t.Chdir(t.TempDir())
	for line := range strings.Lines(of["sh"]) {
		words := strings.Fields(line)
		var errs bytes.Buffer
		if status := Main(append(words[1:], "--quiet"), &bytes.Buffer{}, &errs); words[0] != "bitcycle" || status != exitDone {
			t.Fatalf("%s: status %d: %s", line, status, &errs)
		}
	}
	command := exec.Command(interpreter, "-c", of["python"])
	command.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	got, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	said := regexp.MustCompile(` +\n`).ReplaceAllString(string(got), "\n")
	switch {
	case *update:
		text := strings.Replace(string(page), "```text\n"+of["text"], "```text\n"+said, 1)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	case shapeOf(said) != shapeOf(of["text"]):
		t.Errorf("the page says (-update rewrites it)\n%s\nand python\n%s", of["text"], said)
	}
}
