package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"bitcycle/internal/files"
	"bitcycle/kernels/onnx"
	"bitcycle/kernels/shipped"
)

// The README and pages of docs/ are read as scripts, each in a folder of its own that holds net.onnx, the
// shipped network in float, for the reader's model:
//
//	```toml bits.toml      a file of this name is written
//	```console             a line "$ bitcycle …" is run, the lines below it are what it says
//
// "…" alone stands for any lines, and at the end of a line for the rest of it. Where a
// command must not end well, || echo "exit status $?" stands behind it. -update rewrites
// the figures of lines that say the same but for figures.

// fence begins or ends a block.
var fence = regexp.MustCompile("^```(\\w*) ?(.*)$")

// page is a page with the commands that have been run.
type page struct {
	t    *testing.T
	name string
	out  []string // its lines, with figures as they are now
}

func TestPages(t *testing.T) {
	paths, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	methods, err := filepath.Glob("../../docs/methods/*.md")
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, path := range append(append(paths, methods...), "../../README.md") {
		path, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(text, []byte("```console")) {
			continue
		}
		commands += bytes.Count(text, []byte("\n$ bitcycle "))
		t.Run(strings.TrimSuffix(filepath.Base(path), ".md"), func(t *testing.T) {
			p := &page{t: t, name: filepath.Base(path)}
			t.Chdir(t.TempDir())
			err := files.Write("net.onnx", func(w io.Writer) error { return onnx.Export(w, shipped.Network()) })
			if err != nil {
				t.Fatal(err)
			}
			p.read(strings.Split(string(text), "\n"))
			if *update && !t.Failed() {
				if err := os.WriteFile(path, []byte(strings.Join(p.out, "\n")), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if commands < 40 {
		t.Errorf("only %d commands in the pages", commands)
	}
}

// read goes through the lines of a page.
func (p *page) read(lines []string) {
	for i := 0; i < len(lines); i++ {
		p.out = append(p.out, lines[i])
		head := fence.FindStringSubmatch(lines[i])
		if head == nil || head[1] == "" {
			continue
		}
		end := i + 1
		for end < len(lines) && lines[end] != "```" {
			end++
		}
		body := lines[i+1 : end]
		switch {
		case head[1] == "console":
			body = p.console(body)
		case head[2] != "":
			if err := os.WriteFile(head[2], []byte(strings.Join(body, "\n")+"\n"), 0o644); err != nil {
				p.t.Fatal(err)
			}
		}
		p.out = append(append(p.out, body...), "```")
		i = end
	}
}

// console runs the commands of a block and returns it with the figures of now.
func (p *page) console(lines []string) []string {
	var out []string
	for i := 0; i < len(lines); {
		command, ok := strings.CutPrefix(lines[i], "$ ")
		if !ok {
			p.t.Fatalf("%s: %q is said by no command", p.name, lines[i])
		}
		out = append(out, lines[i])
		next := i + 1
		for next < len(lines) && !strings.HasPrefix(lines[next], "$ ") {
			next++
		}
		out = append(out, p.hold(command, lines[i+1:next], p.run(command))...)
		i = next
	}
	return out
}

const tellStatus = ` || echo "exit status $?"`

// run runs a command and returns the lines that it says.
func (p *page) run(command string) []string {
	p.t.Helper()
	words, told := strings.CutSuffix(command, tellStatus)
	var said bytes.Buffer
	args := splitWords(words)
	if args[0] != "bitcycle" {
		p.t.Fatalf("%s: %s: only bitcycle is run", p.name, command)
	}
	status := Main(append(args[1:], "--quiet"), &said, &said) // a slow machine shows progress
	if status != exitDone && told {
		fmt.Fprintf(&said, "exit status %d\n", status)
	}
	if (status != exitDone) != told {
		p.t.Errorf("%s: %s ends with status %d:\n%s", p.name, command, status, said.String())
	}
	return strings.Split(strings.TrimRight(said.String(), "\n"), "\n")
}

// splitWords splits a command line at blanks that are in no single quotes.
func splitWords(line string) []string {
	var words []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			words[len(words)-1] += part
			continue
		}
		fields := strings.Fields(part)
		if i > 0 && len(fields) > 0 && !strings.HasPrefix(part, " ") {
			words[len(words)-1] += fields[0]
			fields = fields[1:]
		}
		words = append(words, fields...)
		if strings.HasSuffix(part, " ") {
			words = append(words, "")
		}
	}
	kept := words[:0]
	for _, w := range words {
		if w != "" {
			kept = append(kept, w)
		}
	}
	return kept
}

// hold holds what a page says of a command to what it says now.
func (p *page) hold(command string, shown, said []string) []string {
	p.t.Helper()
	out, at, gap := make([]string, 0, len(shown)), 0, false
	for _, line := range shown {
		if line == "…" {
			out, gap = append(out, line), true
			continue
		}
		found := at
		for found < len(said) && !alike(line, said[found], *update) && gap {
			found++
		}
		if found >= len(said) || !alike(line, said[found], *update) {
			p.t.Errorf("%s: after %q the page says\n%s\nwhich is not among (-update mends figures)\n%s", p.name, command, line, strings.Join(said[at:], "\n"))
			return shown
		}
		if *update && !strings.HasSuffix(line, "…") {
			line = strings.TrimRight(said[found], " ")
		}
		out, at, gap = append(out, line), found+1, false
	}
	if !gap && at < len(said) && len(shown) > 0 {
		p.t.Errorf("%s: after %q the page leaves out without …\n%s", p.name, command, strings.Join(said[at:], "\n"))
	}
	return out
}

// alike compares a line of a page with one that is said; loosely, but for figures.
func alike(line, said string, loosely bool) bool {
	said = strings.TrimRight(said, " ")
	if begin, ok := strings.CutSuffix(line, "…"); ok {
		if len(said) < len(begin) {
			return false
		}
		line, said = begin, said[:len(begin)]
	}
	return line == said || loosely && figureless(line) == figureless(said)
}

var figure = regexp.MustCompile(`[0-9]+(\.[0-9]+)?`)

func figureless(line string) string {
	return blanksOf.ReplaceAllString(figure.ReplaceAllString(line, "#"), " ")
}

var blanksOf = regexp.MustCompile(`[ ─]+`)

func TestSplitWords(t *testing.T) {
	got := strings.Join(splitWords(`bitcycle sweep --where 'a b<=3' x='1 2' -q uniform:w=4`), "|")
	if want := "bitcycle|sweep|--where|a b<=3|x=1 2|-q|uniform:w=4"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
